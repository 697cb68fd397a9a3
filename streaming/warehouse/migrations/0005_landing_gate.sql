CREATE TABLE IF NOT EXISTS held_arrivals (
    hold_id BIGINT NOT NULL AUTO_INCREMENT,
    object_key VARCHAR(1024) NOT NULL,
    etag VARCHAR(128) NOT NULL,
    size_bytes BIGINT NOT NULL,
    reason VARCHAR(64) NOT NULL,
    first_seen_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    PRIMARY KEY (hold_id),
    KEY held_arrivals_key (object_key(255))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

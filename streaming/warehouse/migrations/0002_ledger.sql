CREATE TABLE IF NOT EXISTS deliveries (
    delivery_id BIGINT NOT NULL AUTO_INCREMENT,
    object_key VARCHAR(1024) NOT NULL,
    etag VARCHAR(128) NOT NULL,
    size_bytes BIGINT NOT NULL,
    last_modified DATETIME(6) NOT NULL,
    attempt INT NOT NULL DEFAULT 1,
    status ENUM('waiting', 'processed', 'quarantined', 'duplicate', 'superseded', 'withdrawn')
    NOT NULL DEFAULT 'waiting',
    reason VARCHAR(1024) NULL,
    duplicate_of BIGINT NULL,
    superseded_by BIGINT NULL,
    batch_id BIGINT NULL,
    rows_read BIGINT NULL,
    rows_loaded BIGINT NULL,
    rows_rejected BIGINT NULL,
    amount_loaded DECIMAL(24, 2) NULL,
    sales_months TEXT NULL,
    discovered_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    finished_at DATETIME(6) NULL,
    archived_key VARCHAR(1024) NULL,
    archived_at DATETIME(6) NULL,
    PRIMARY KEY (delivery_id),
    KEY deliveries_key (object_key(255)),
    KEY deliveries_content (etag),
    KEY deliveries_duplicate_of (duplicate_of),
    KEY deliveries_status (status, delivery_id),
    KEY deliveries_resting (archived_at, status)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS delivery_rejects (
    delivery_id BIGINT NOT NULL,
    reason VARCHAR(128) NOT NULL,
    `rows` BIGINT NOT NULL,
    sample TEXT NULL,
    PRIMARY KEY (delivery_id, reason)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS batches (
    batch_id BIGINT NOT NULL AUTO_INCREMENT,
    epoch BIGINT NOT NULL,
    first_delivery BIGINT NOT NULL,
    last_delivery BIGINT NOT NULL,
    deliveries INT NOT NULL,
    rows_read BIGINT NULL,
    rows_loaded BIGINT NULL,
    rows_rejected BIGINT NULL,
    facts_version BIGINT NOT NULL,
    rejects_version BIGINT NOT NULL,
    started_at DATETIME(6) NOT NULL,
    committed_at DATETIME(6) NULL,
    stages TEXT NULL,
    PRIMARY KEY (batch_id),
    KEY batches_open (committed_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS locks (
    lock_name VARCHAR(32) NOT NULL,
    epoch BIGINT NOT NULL,
    holder VARCHAR(255) NULL,
    taken_at DATETIME(6) NULL,
    PRIMARY KEY (lock_name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

INSERT IGNORE INTO locks (lock_name, epoch) VALUES ('writer', 0), ('discovery', 0);

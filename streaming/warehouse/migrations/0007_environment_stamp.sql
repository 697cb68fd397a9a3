CREATE TABLE IF NOT EXISTS environment_stamp (
    environment VARCHAR(16) NOT NULL,
    stamped_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    only_one TINYINT NOT NULL DEFAULT 1,
    PRIMARY KEY (only_one)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

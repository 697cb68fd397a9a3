CREATE TABLE IF NOT EXISTS proofs (
    proof_id BIGINT NOT NULL AUTO_INCREMENT,
    is_full BOOLEAN NOT NULL,
    last_batch BIGINT NOT NULL,
    facts_version BIGINT NULL,
    rejects_version BIGINT NULL,
    deliveries BIGINT NOT NULL,
    facts BIGINT NOT NULL,
    amount DECIMAL(28, 2) NOT NULL,
    differences BIGINT NOT NULL,
    started_at DATETIME(6) NOT NULL,
    finished_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    PRIMARY KEY (proof_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

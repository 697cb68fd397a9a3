ALTER TABLE deliveries
    ADD COLUMN arrival_id BIGINT NULL AFTER attempt,
    ADD COLUMN withdraws BIGINT NULL AFTER arrival_id,
    ADD COLUMN crashes INT NOT NULL DEFAULT 0 AFTER withdraws,
    ADD KEY deliveries_arrival (arrival_id),
    ADD KEY deliveries_batch (batch_id),
    ADD KEY deliveries_superseded_by (superseded_by);

CREATE TABLE IF NOT EXISTS delivery_unknown_keys (
    delivery_id BIGINT NOT NULL,
    reason VARCHAR(32) NOT NULL,
    unknown_key VARCHAR(255) NOT NULL,
    `rows` BIGINT NOT NULL,
    PRIMARY KEY (delivery_id, reason, unknown_key)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS incentive_ledger (
    entry_id BIGINT NOT NULL AUTO_INCREMENT,
    store_id BIGINT NOT NULL,
    sales_month CHAR(7) NOT NULL,
    sales_person_id BIGINT NOT NULL,
    kind ENUM('award', 'reversal') NOT NULL,
    amount DECIMAL(24, 2) NOT NULL,
    delivery_id BIGINT NULL,
    batch_id BIGINT NOT NULL,
    entered_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    PRIMARY KEY (entry_id),
    KEY incentive_ledger_person (sales_person_id, sales_month),
    KEY incentive_ledger_batch (batch_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE OR REPLACE VIEW incentive_totals AS
SELECT
    sales_person_id,
    sales_month,
    store_id,
    SUM(amount) AS incentive
FROM incentive_ledger
GROUP BY sales_person_id, sales_month, store_id;

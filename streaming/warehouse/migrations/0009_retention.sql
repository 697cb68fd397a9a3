ALTER TABLE deliveries
    ADD COLUMN expired_at DATETIME(6) NULL AFTER archived_at;

CREATE TABLE IF NOT EXISTS chores (
    chore_id BIGINT NOT NULL AUTO_INCREMENT,
    kind ENUM('compact', 'vacuum') NOT NULL,
    keep_hours INT NULL,
    requested_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    started_at DATETIME(6) NULL,
    tries INT NOT NULL DEFAULT 0,
    failure VARCHAR(1024) NULL,
    finished_at DATETIME(6) NULL,
    is_failed BOOLEAN NOT NULL DEFAULT FALSE,
    outcome TEXT NULL,
    PRIMARY KEY (chore_id),
    KEY chores_open (finished_at),
    CONSTRAINT chores_keep_a_week CHECK (keep_hours >= 168)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS chore_pieces (
    chore_id BIGINT NOT NULL,
    place VARCHAR(128) NOT NULL,
    files_before BIGINT NOT NULL,
    files_after BIGINT NOT NULL,
    bytes_before BIGINT NOT NULL,
    bytes_after BIGINT NOT NULL,
    done_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    PRIMARY KEY (chore_id, place)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

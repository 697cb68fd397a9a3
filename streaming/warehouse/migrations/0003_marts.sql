CREATE TABLE IF NOT EXISTS customer_mart (
    customer_id BIGINT NOT NULL,
    sales_month CHAR(7) NOT NULL,
    full_name VARCHAR(255) NOT NULL,
    purchases BIGINT NOT NULL,
    total_purchases DECIMAL(24, 2) NOT NULL,
    PRIMARY KEY (customer_id, sales_month),
    KEY customer_mart_month (sales_month, purchases)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS sales_team_mart (
    store_id BIGINT NOT NULL,
    sales_month CHAR(7) NOT NULL,
    sales_person_id BIGINT NOT NULL,
    full_name VARCHAR(255) NOT NULL,
    sales BIGINT NOT NULL,
    total_sales DECIMAL(24, 2) NOT NULL,
    sales_rank INT NOT NULL,
    incentive DECIMAL(24, 2) NOT NULL,
    PRIMARY KEY (store_id, sales_month, sales_person_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE OR REPLACE VIEW customer_totals AS
SELECT
    customer_id,
    MAX(full_name) AS full_name,
    SUM(purchases) AS purchases,
    SUM(total_purchases) AS total_purchases
FROM customer_mart
GROUP BY customer_id;

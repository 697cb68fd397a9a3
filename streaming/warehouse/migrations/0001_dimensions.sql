CREATE TABLE IF NOT EXISTS stores (
    store_id BIGINT NOT NULL,
    address VARCHAR(255) NOT NULL,
    pincode VARCHAR(16) NOT NULL,
    manager_id BIGINT NULL,
    opening_date DATE NOT NULL,
    PRIMARY KEY (store_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS customers (
    customer_id BIGINT NOT NULL,
    first_name VARCHAR(100) NOT NULL,
    last_name VARCHAR(100) NOT NULL,
    address VARCHAR(255) NOT NULL,
    pincode VARCHAR(16) NOT NULL,
    phone_number VARCHAR(32) NOT NULL,
    joining_date DATE NOT NULL,
    PRIMARY KEY (customer_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS products (
    product_id BIGINT NOT NULL,
    product_name VARCHAR(255) NOT NULL,
    price DECIMAL(12, 2) NOT NULL,
    created_on DATE NOT NULL,
    PRIMARY KEY (product_id),
    UNIQUE KEY products_name (product_name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS sales_team (
    sales_person_id BIGINT NOT NULL,
    first_name VARCHAR(100) NOT NULL,
    last_name VARCHAR(100) NOT NULL,
    manager_id BIGINT NULL,
    is_manager BOOLEAN NOT NULL,
    address VARCHAR(255) NOT NULL,
    pincode VARCHAR(16) NOT NULL,
    joining_date DATE NOT NULL,
    store_id BIGINT NOT NULL,
    PRIMARY KEY (sales_person_id),
    KEY sales_team_store (store_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

INSERT INTO products (product_id, product_name, price, created_on)
VALUES (%(product_id)s, %(product_name)s, %(price)s, %(created_on)s)
ON DUPLICATE KEY UPDATE
    product_name = VALUES (product_name),
    price = VALUES (price),
    created_on = VALUES (created_on);

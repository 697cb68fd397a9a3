SELECT
    product_name,
    product_id,
    price AS list_price
FROM products;

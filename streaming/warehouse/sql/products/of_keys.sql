SELECT
    product_name,
    product_id,
    price AS list_price
FROM products
WHERE product_name IN %(dimension_keys)s;

SELECT EXISTS(
    SELECT 1 FROM products
    ORDER BY product_id
    LIMIT 1 OFFSET %(most)s
) AS is_large;

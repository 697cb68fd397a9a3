SELECT EXISTS(
    SELECT 1 FROM customers
    ORDER BY customer_id
    LIMIT 1 OFFSET %(most)s
) AS is_large;

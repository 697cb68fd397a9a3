SELECT EXISTS(
    SELECT 1 FROM stores
    ORDER BY store_id
    LIMIT 1 OFFSET %(most)s
) AS is_large;

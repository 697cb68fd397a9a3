SELECT DISTINCT d.delivery_id
FROM delivery_unknown_keys AS u
INNER JOIN deliveries AS d ON u.delivery_id = d.delivery_id
LEFT JOIN customers AS c ON u.reason = 'unknown_customer' AND CAST(u.unknown_key AS SIGNED) = c.customer_id
LEFT JOIN stores AS s ON u.reason = 'unknown_store' AND CAST(u.unknown_key AS SIGNED) = s.store_id
LEFT JOIN sales_team AS t ON u.reason = 'unknown_sales_person' AND CAST(u.unknown_key AS SIGNED) = t.sales_person_id
LEFT JOIN products AS p
    ON
        u.reason = 'unknown_product'
        AND u.unknown_key = p.product_name
        AND CHAR_LENGTH(u.unknown_key) = CHAR_LENGTH(p.product_name)
WHERE
    d.status = 'processed'
    AND COALESCE(c.customer_id, s.store_id, t.sales_person_id, p.product_id) IS NOT NULL
ORDER BY d.delivery_id;

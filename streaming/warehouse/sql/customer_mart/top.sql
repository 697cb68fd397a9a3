SELECT
    customer_id,
    full_name,
    purchases,
    total_purchases
FROM customer_totals
ORDER BY total_purchases DESC, customer_id ASC
LIMIT %(page)s;

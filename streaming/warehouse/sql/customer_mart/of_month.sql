SELECT
    customer_id,
    purchases,
    total_purchases
FROM customer_mart
WHERE sales_month = %(sales_month)s;

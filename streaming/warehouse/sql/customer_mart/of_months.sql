SELECT
    sales_month,
    SUM(purchases) AS purchases,
    SUM(total_purchases) AS total_purchases
FROM customer_mart
WHERE sales_month IN %(sales_months)s
GROUP BY sales_month;

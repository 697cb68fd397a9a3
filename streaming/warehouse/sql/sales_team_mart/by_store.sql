SELECT
    store_id,
    sales_month,
    SUM(sales) AS sales,
    SUM(total_sales) AS total_sales,
    SUM(incentive) AS incentives
FROM sales_team_mart
WHERE sales_month >= %(first_month)s
GROUP BY store_id, sales_month
ORDER BY store_id, sales_month;

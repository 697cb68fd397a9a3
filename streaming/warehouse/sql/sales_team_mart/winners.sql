SELECT
    store_id,
    sales_month,
    sales_person_id,
    full_name,
    sales,
    total_sales,
    incentive
FROM sales_team_mart
WHERE
    sales_rank = 1
    AND sales_month >= %(first_month)s
ORDER BY sales_month DESC, store_id ASC, sales_person_id ASC
LIMIT %(page)s;

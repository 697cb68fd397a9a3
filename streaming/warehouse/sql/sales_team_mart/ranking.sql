SELECT
    store_id,
    sales_rank,
    sales_person_id,
    full_name,
    sales,
    total_sales,
    incentive
FROM sales_team_mart
WHERE
    sales_month = %(sales_month)s
    AND sales_rank <= %(last_rank)s
ORDER BY store_id, sales_rank, sales_person_id
LIMIT %(page)s;

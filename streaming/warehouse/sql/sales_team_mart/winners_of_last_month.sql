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
    AND sales_month = (SELECT MAX(newest.sales_month) FROM sales_team_mart AS newest)
ORDER BY store_id, sales_person_id;

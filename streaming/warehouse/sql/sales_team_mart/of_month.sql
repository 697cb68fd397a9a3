SELECT
    store_id,
    sales_person_id,
    sales,
    total_sales,
    sales_rank,
    incentive
FROM sales_team_mart
WHERE sales_month = %(sales_month)s;

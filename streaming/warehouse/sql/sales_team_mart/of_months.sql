SELECT
    store_id,
    sales_month,
    sales_person_id,
    full_name,
    sales,
    total_sales,
    incentive
FROM sales_team_mart
WHERE sales_month IN %(sales_months)s;

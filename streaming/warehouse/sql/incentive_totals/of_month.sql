SELECT
    store_id,
    sales_person_id,
    incentive
FROM incentive_totals
WHERE sales_month = %(sales_month)s;

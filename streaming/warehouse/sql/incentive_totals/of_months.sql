SELECT
    store_id,
    sales_month,
    sales_person_id,
    incentive
FROM incentive_totals
WHERE sales_month IN %(sales_months)s;

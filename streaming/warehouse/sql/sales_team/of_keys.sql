SELECT
    sales_person_id,
    CONCAT(first_name, ' ', last_name) AS sales_person_name,
    store_id AS sales_person_store_id
FROM sales_team
WHERE sales_person_id IN %(dimension_keys)s;

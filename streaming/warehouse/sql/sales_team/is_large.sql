SELECT EXISTS(
    SELECT 1 FROM sales_team
    ORDER BY sales_person_id
    LIMIT 1 OFFSET %(most)s
) AS is_large;

INSERT INTO sales_team_mart (
    store_id, sales_month, sales_person_id, full_name, sales, total_sales, sales_rank, incentive
)
VALUES (
    %(store_id)s, %(sales_month)s, %(sales_person_id)s, %(full_name)s, %(sales)s, %(total_sales)s,
    %(sales_rank)s, %(incentive)s
);

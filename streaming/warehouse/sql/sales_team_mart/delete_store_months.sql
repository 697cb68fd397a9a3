DELETE FROM sales_team_mart
WHERE (store_id, sales_month) IN %(store_months)s;

SELECT sales_month FROM customer_mart
UNION DISTINCT
SELECT sales_month FROM sales_team_mart
UNION DISTINCT
SELECT sales_month FROM incentive_ledger;

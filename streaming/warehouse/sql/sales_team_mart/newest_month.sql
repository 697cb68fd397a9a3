SELECT MAX(sales_month) AS sales_month
FROM sales_team_mart;

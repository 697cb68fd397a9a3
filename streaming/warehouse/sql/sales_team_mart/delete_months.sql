DELETE FROM sales_team_mart
WHERE sales_month IN %(sales_months)s;

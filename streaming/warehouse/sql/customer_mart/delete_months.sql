DELETE FROM customer_mart
WHERE sales_month IN %(sales_months)s;

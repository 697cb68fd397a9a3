INSERT INTO customer_mart (customer_id, sales_month, full_name, purchases, total_purchases)
VALUES (%(customer_id)s, %(sales_month)s, %(full_name)s, %(purchases)s, %(total_purchases)s)
ON DUPLICATE KEY UPDATE
    full_name = VALUES (full_name),
    purchases = purchases + VALUES (purchases),
    total_purchases = total_purchases + VALUES (total_purchases);

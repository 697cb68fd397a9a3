SELECT COALESCE(MAX(delivery_id), 0) AS delivery_id
FROM deliveries;

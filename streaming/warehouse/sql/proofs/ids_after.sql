SELECT delivery_id
FROM deliveries
WHERE delivery_id > %(after)s
ORDER BY delivery_id
LIMIT %(page)s;

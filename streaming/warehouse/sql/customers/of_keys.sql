SELECT
    customer_id,
    CONCAT(first_name, ' ', last_name) AS customer_name,
    pincode AS customer_pincode
FROM customers
WHERE customer_id IN %(dimension_keys)s;

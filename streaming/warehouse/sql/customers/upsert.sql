INSERT INTO customers (
    customer_id, first_name, last_name, address, pincode, phone_number, joining_date
)
VALUES (
    %(customer_id)s, %(first_name)s, %(last_name)s, %(address)s, %(pincode)s, %(phone_number)s,
    %(joining_date)s
)
ON DUPLICATE KEY UPDATE
    first_name = VALUES (first_name),
    last_name = VALUES (last_name),
    address = VALUES (address),
    pincode = VALUES (pincode),
    phone_number = VALUES (phone_number),
    joining_date = VALUES (joining_date);

INSERT INTO stores (store_id, address, pincode, manager_id, opening_date)
VALUES (%(store_id)s, %(address)s, %(pincode)s, %(manager_id)s, %(opening_date)s)
ON DUPLICATE KEY UPDATE
    address = VALUES (address),
    pincode = VALUES (pincode),
    manager_id = VALUES (manager_id),
    opening_date = VALUES (opening_date);

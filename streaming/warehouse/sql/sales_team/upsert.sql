INSERT INTO sales_team (
    sales_person_id, first_name, last_name, manager_id, is_manager, address, pincode, joining_date, store_id
)
VALUES (
    %(sales_person_id)s, %(first_name)s, %(last_name)s, %(manager_id)s, %(is_manager)s, %(address)s,
    %(pincode)s, %(joining_date)s, %(store_id)s
)
ON DUPLICATE KEY UPDATE
    first_name = VALUES (first_name),
    last_name = VALUES (last_name),
    manager_id = VALUES (manager_id),
    is_manager = VALUES (is_manager),
    address = VALUES (address),
    pincode = VALUES (pincode),
    joining_date = VALUES (joining_date),
    store_id = VALUES (store_id);

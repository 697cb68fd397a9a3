SELECT
    store_id,
    address AS store_address,
    pincode AS store_pincode,
    manager_id AS store_manager_id
FROM stores
WHERE store_id IN %(dimension_keys)s;

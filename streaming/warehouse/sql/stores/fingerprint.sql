SELECT
    COUNT(*) AS row_count,
    SUM(CRC32(CONCAT_WS('|', store_id, address, pincode, COALESCE(manager_id, '')))) AS row_sum,
    BIT_XOR(CRC32(CONCAT_WS('|', COALESCE(manager_id, ''), pincode, address, store_id))) AS row_parity
FROM stores;

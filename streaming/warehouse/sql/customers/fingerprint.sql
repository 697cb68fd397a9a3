SELECT
    COUNT(*) AS row_count,
    SUM(CRC32(CONCAT_WS('|', customer_id, first_name, last_name, pincode))) AS row_sum,
    BIT_XOR(CRC32(CONCAT_WS('|', pincode, last_name, first_name, customer_id))) AS row_parity
FROM customers;

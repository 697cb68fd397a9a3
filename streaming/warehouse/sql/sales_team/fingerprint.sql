SELECT
    COUNT(*) AS row_count,
    SUM(CRC32(CONCAT_WS('|', sales_person_id, first_name, last_name, store_id))) AS row_sum,
    BIT_XOR(CRC32(CONCAT_WS('|', store_id, last_name, first_name, sales_person_id))) AS row_parity
FROM sales_team;

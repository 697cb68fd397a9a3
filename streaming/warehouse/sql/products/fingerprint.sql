SELECT
    COUNT(*) AS row_count,
    SUM(CRC32(CONCAT_WS('|', product_id, product_name, price))) AS row_sum,
    BIT_XOR(CRC32(CONCAT_WS('|', price, product_name, product_id))) AS row_parity
FROM products;

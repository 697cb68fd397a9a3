INSERT INTO deliveries (
    object_key, etag, size_bytes, last_modified, status, reason,
    rows_read, rows_loaded, rows_rejected, amount_loaded, sales_months, finished_at
)
SELECT
    a.object_key,
    a.etag,
    a.size_bytes,
    a.last_modified,
    a.status,
    a.reason,
    0 AS rows_read,
    0 AS rows_loaded,
    0 AS rows_rejected,
    0 AS amount_loaded,
    '[]' AS sales_months,
    UTC_TIMESTAMP(6) AS finished_at
FROM
    JSON_TABLE(
        %(arrivals)s, '$[*]' COLUMNS (
            position FOR ORDINALITY,
            object_key VARCHAR(1024) PATH '$.object_key',
            etag VARCHAR(128) PATH '$.etag',
            size_bytes BIGINT PATH '$.size_bytes',
            last_modified DATETIME(6) PATH '$.last_modified',
            status VARCHAR(16) PATH '$.status',
            reason VARCHAR(1024) PATH '$.reason'
        )
    ) AS a
ORDER BY a.position;

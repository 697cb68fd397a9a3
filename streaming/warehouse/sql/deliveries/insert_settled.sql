INSERT INTO deliveries (
    object_key, etag, size_bytes, last_modified, status, reason,
    rows_read, rows_loaded, rows_rejected, amount_loaded, sales_months, finished_at
)
VALUES (
    %(object_key)s, %(etag)s, %(size_bytes)s, %(last_modified)s, %(status)s, %(reason)s,
    0, 0, 0, 0, '[]', UTC_TIMESTAMP(6)
);

INSERT INTO deliveries (delivery_id, object_key, etag, size_bytes, last_modified, archived_key, archived_at)
VALUES (
    %(delivery_id)s, %(object_key)s, %(etag)s, %(size_bytes)s, %(last_modified)s, %(archived_key)s,
    UTC_TIMESTAMP(6)
);

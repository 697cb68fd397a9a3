SELECT DISTINCT
    object_key,
    etag,
    size_bytes
FROM deliveries
WHERE etag IN %(etags)s;

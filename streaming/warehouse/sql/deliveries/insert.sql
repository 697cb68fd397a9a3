INSERT INTO deliveries (object_key, etag, size_bytes, last_modified)
VALUES (%(object_key)s, %(etag)s, %(size_bytes)s, %(last_modified)s);

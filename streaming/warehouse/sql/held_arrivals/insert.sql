INSERT INTO held_arrivals (object_key, etag, size_bytes, reason)
VALUES (%(object_key)s, %(etag)s, %(size_bytes)s, %(reason)s);

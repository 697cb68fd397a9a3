INSERT INTO delivery_unknown_keys (delivery_id, reason, unknown_key, `rows`)
VALUES (%(delivery_id)s, %(reason)s, %(unknown_key)s, %(rows)s);

INSERT INTO delivery_rejects (delivery_id, reason, `rows`, sample)
VALUES (%(delivery_id)s, %(reason)s, %(rows)s, %(sample)s);

DELETE FROM delivery_unknown_keys
WHERE delivery_id IN %(delivery_ids)s;

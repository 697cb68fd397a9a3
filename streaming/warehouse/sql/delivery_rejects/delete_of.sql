DELETE FROM delivery_rejects
WHERE delivery_id IN %(delivery_ids)s;

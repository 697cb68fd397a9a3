DELETE FROM held_arrivals
WHERE hold_id IN %(hold_ids)s;

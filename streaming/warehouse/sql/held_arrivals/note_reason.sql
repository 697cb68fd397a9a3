UPDATE held_arrivals
SET reason = %(reason)s
WHERE hold_id = %(hold_id)s;

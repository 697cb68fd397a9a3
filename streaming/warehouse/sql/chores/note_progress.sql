UPDATE chores
SET tries = 0
WHERE chore_id = %(chore_id)s;

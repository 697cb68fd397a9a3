INSERT INTO chores (kind, keep_hours)
VALUES (%(kind)s, %(keep_hours)s);

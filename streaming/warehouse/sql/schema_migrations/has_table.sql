SELECT 1 AS found
FROM information_schema.tables
WHERE
    table_schema = DATABASE()
    AND table_name = %(wanted)s;

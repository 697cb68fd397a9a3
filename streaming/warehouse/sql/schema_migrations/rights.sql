SELECT
    table_name AS granted_table,
    privilege_type AS granted_right
FROM information_schema.table_privileges
WHERE table_schema = %(table_schema)s;

GRANT SELECT ON schema_migrations TO %(user)s@%(host)s;

GRANT SELECT, INSERT, UPDATE, DELETE ON batches TO %(user)s@%(host)s;

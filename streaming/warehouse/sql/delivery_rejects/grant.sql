GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_rejects TO %(user)s@%(host)s;

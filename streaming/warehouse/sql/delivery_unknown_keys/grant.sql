GRANT SELECT, INSERT, DELETE ON delivery_unknown_keys TO %(user)s@%(host)s;

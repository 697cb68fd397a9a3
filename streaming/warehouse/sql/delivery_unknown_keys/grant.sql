GRANT SELECT, INSERT ON delivery_unknown_keys TO %(user)s@%(host)s;

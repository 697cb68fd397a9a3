GRANT SELECT, UPDATE ON locks TO %(user)s@%(host)s;

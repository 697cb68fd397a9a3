GRANT SELECT, INSERT, UPDATE ON stores TO %(user)s@%(host)s;

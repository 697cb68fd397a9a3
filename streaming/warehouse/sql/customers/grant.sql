GRANT SELECT, INSERT, UPDATE ON customers TO %(user)s@%(host)s;

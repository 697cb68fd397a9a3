GRANT SELECT, INSERT, UPDATE ON deliveries TO %(user)s@%(host)s;

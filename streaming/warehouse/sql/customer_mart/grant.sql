GRANT SELECT, INSERT, UPDATE, DELETE ON customer_mart TO %(user)s@%(host)s;

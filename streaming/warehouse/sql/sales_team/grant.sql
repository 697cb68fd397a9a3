GRANT SELECT, INSERT, UPDATE ON sales_team TO %(user)s@%(host)s;

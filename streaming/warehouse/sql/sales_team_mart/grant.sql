GRANT SELECT, INSERT, UPDATE, DELETE ON sales_team_mart TO %(user)s@%(host)s;

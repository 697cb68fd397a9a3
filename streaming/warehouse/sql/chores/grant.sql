GRANT SELECT, INSERT, UPDATE ON chores TO %(user)s@%(host)s;

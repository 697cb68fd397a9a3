GRANT SELECT, INSERT, UPDATE ON chore_pieces TO %(user)s@%(host)s;

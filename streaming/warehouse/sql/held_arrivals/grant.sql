GRANT SELECT, INSERT, UPDATE, DELETE ON held_arrivals TO %(user)s@%(host)s;

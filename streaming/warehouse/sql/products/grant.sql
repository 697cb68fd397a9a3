GRANT SELECT, INSERT, UPDATE ON products TO %(user)s@%(host)s;

GRANT SELECT ON environment_stamp TO %(user)s@%(host)s;

GRANT SELECT, INSERT ON proofs TO %(user)s@%(host)s;

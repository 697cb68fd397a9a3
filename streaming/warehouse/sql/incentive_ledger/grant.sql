GRANT SELECT, INSERT ON incentive_ledger TO %(user)s@%(host)s;

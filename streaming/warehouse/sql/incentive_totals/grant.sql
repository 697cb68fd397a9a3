GRANT SELECT ON incentive_totals TO %(user)s@%(host)s;

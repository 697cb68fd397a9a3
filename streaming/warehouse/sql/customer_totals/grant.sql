GRANT SELECT ON customer_totals TO %(user)s@%(host)s;

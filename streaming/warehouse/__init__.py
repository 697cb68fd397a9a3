"""MySQL or MariaDB: the dimensions, the ledger and the two marts. Arithmetic is Spark's, movement is here."""

"""TLS to MySQL and S3: who is believed, and who is not."""

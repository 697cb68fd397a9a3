ALTER TABLE deliveries AUTO_INCREMENT = %(next_id)s;

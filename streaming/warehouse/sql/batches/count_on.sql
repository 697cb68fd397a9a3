ALTER TABLE batches AUTO_INCREMENT = %(next_id)s;

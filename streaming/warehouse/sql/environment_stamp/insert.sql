INSERT IGNORE INTO environment_stamp (environment) VALUES (%(environment)s);

INSERT INTO schema_migrations (version, migration, checksum, applied_at)
VALUES (%(version)s, %(migration)s, %(checksum)s, UTC_TIMESTAMP(6));

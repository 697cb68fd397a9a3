INSERT INTO batches (
    epoch, first_delivery, last_delivery, deliveries, facts_version, rejects_version, started_at
)
VALUES (
    %(epoch)s, %(first_delivery)s, %(last_delivery)s, %(deliveries)s, %(facts_version)s, %(rejects_version)s,
    UTC_TIMESTAMP(6)
);

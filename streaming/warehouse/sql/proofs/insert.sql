INSERT INTO proofs (
    is_full, last_batch, facts_version, rejects_version, deliveries, facts, amount, differences, started_at
)
VALUES (
    %(is_full)s, %(last_batch)s, %(facts_version)s, %(rejects_version)s, %(deliveries)s, %(facts)s, %(amount)s,
    %(differences)s, %(started_at)s
);

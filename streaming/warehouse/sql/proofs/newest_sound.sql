SELECT
    last_batch,
    facts_version,
    rejects_version,
    started_at
FROM proofs
WHERE differences = 0
ORDER BY proof_id DESC
LIMIT 1;

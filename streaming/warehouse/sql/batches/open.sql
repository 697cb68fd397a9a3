SELECT
    batch_id,
    facts_version,
    rejects_version
FROM batches
WHERE committed_at IS NULL
ORDER BY batch_id;

DELETE FROM batches
WHERE committed_at IS NULL;

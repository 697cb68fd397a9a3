SELECT
    chore_id,
    place,
    files_before,
    files_after,
    bytes_before,
    bytes_after
FROM chore_pieces
WHERE chore_id IN %(chore_ids)s
ORDER BY chore_id, place;

INSERT INTO chore_pieces (chore_id, place, files_before, files_after, bytes_before, bytes_after)
VALUES (%(chore_id)s, %(place)s, %(files_before)s, %(files_after)s, %(bytes_before)s, %(bytes_after)s)
ON DUPLICATE KEY UPDATE
    files_after = VALUES (files_after),
    bytes_after = VALUES (bytes_after),
    done_at = UTC_TIMESTAMP(6);

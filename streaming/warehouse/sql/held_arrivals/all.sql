SELECT
    hold_id,
    object_key,
    etag,
    size_bytes,
    reason,
    TIMESTAMPDIFF(MICROSECOND, first_seen_at, UTC_TIMESTAMP(6)) AS age_microseconds
FROM held_arrivals
ORDER BY hold_id;

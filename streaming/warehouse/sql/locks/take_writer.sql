UPDATE locks
SET
    epoch = epoch + 1,
    holder = %(holder)s,
    taken_at = UTC_TIMESTAMP(6)
WHERE lock_name = 'writer';

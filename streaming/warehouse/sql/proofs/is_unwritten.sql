SELECT IS_FREE_LOCK(%(lock_name)s) AS is_free;

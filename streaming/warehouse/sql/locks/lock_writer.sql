SELECT epoch
FROM locks
WHERE lock_name = 'writer'
FOR UPDATE;

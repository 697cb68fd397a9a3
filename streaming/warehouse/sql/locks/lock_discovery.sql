SELECT epoch
FROM locks
WHERE lock_name = 'discovery'
FOR UPDATE;

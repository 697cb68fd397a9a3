SELECT twin.delivery_id
FROM deliveries AS one
INNER JOIN deliveries AS twin ON one.object_key = twin.object_key
WHERE
    one.delivery_id IN %(delivery_ids)s
    AND twin.status = 'processed'
UNION DISTINCT
SELECT twin.delivery_id
FROM deliveries AS one
INNER JOIN deliveries AS twin ON one.etag = twin.etag
WHERE
    one.delivery_id IN %(delivery_ids)s
    AND twin.status = 'processed';

INSERT INTO incentive_ledger (
    store_id, sales_month, sales_person_id, kind, amount, delivery_id, batch_id
)
VALUES (
    %(store_id)s, %(sales_month)s, %(sales_person_id)s, %(kind)s, %(amount)s, %(delivery_id)s, %(batch_id)s
);

"""Where rows enter Spark: which deliveries a batch takes, and what each task does with its share of them."""

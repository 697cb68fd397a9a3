"""The words both sides share: settings, deliveries, columns, reasons, errors, log format. No Spark, no Prefect."""

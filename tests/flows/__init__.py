"""Flows against real servers: S3, database, Prefect and its worker."""

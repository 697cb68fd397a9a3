"""Tests of the pure parts: no Spark, no Prefect, no servers."""

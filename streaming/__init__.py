"""The Spark job: till sales from the S3 landing prefix to the lake and the MySQL marts.

Runs alone by `python -m streaming` or spark-submit, and knows nothing of Prefect.
"""

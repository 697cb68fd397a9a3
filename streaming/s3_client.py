"""The boto3 client of a bucket, told how long to wait and how often to ask."""

from functools import lru_cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from streaming.asking_again import ask_again
from streaming.contract.sections import Storage
from streaming.tls import trusting

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

CONNECT_TIMEOUT_SECONDS = 10
READ_TIMEOUT_SECONDS = 20


@lru_cache(maxsize=4)
def client_of(storage: Storage) -> "S3Client":
    """One for each process and its threads: to make one takes as long as to read a small file."""
    if storage.tls_ca:
        trusting(storage.tls_ca)  # botocore would say of a missing file only that it is invalid
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
        s3={"addressing_style": "path" if storage.endpoint else "auto"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    client = boto3.client(
        "s3",
        region_name=storage.region,
        endpoint_url=storage.endpoint,
        verify=str(storage.tls_ca) if storage.tls_ca else None,
        aws_access_key_id=storage.access_key.get_secret_value() if storage.access_key else None,
        aws_secret_access_key=storage.secret_key.get_secret_value() if storage.secret_key else None,
        config=config,
    )
    ask_again(client)
    return client

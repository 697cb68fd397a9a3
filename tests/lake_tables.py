"""The lake's tables as delta-rs reads them: another reader than the one that wrote them."""

import deltalake

from streaming.contract.sections import Storage


def lake_table(storage: Storage, prefix: str) -> deltalake.DeltaTable:
    """A table of the lake."""
    if storage.access_key is None or storage.secret_key is None:
        raise ValueError("the embedded S3 server asks for keys")
    options = {
        "aws_endpoint_url": storage.endpoint or "",
        "aws_access_key_id": storage.access_key.get_secret_value(),
        "aws_secret_access_key": storage.secret_key.get_secret_value(),
        "aws_region": storage.region,
        "aws_allow_http": "true",
    }
    return deltalake.DeltaTable(f"s3://{storage.bucket}/{prefix.rstrip('/')}", storage_options=options)

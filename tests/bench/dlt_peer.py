"""dlt: every CSV of landing into one MySQL table, typed as text; its packages are not the project's, so it runs apart.

`python -m tests.bench.dlt_peer` loads everything under landing once, from process start to exit: no dimensions, no
lake, no marts. It remembers what it loaded by the files' dates. Files that pandas cannot read are passed over.
"""

import sys
import tempfile
from collections.abc import Iterator
from typing import Literal

import dlt
import pandas as pd
from dlt.common.configuration.specs import AwsCredentials
from dlt.common.storages.fsspec_filesystem import FileItemDict
from dlt.sources.filesystem import filesystem

from streaming.contract.sections import Storage, Warehouse
from streaming.contract.settings import read_settings

ROWS_AT_ONCE = 20_000
TABLE = "loaded_by_dlt"


def main() -> int:
    """Load all of landing once."""
    settings = read_settings("dev")
    files = _files(settings.storage)
    with tempfile.TemporaryDirectory(prefix="tillstream-dlt-") as folder:
        pipeline = dlt.pipeline(
            "tills",
            pipelines_dir=folder,
            destination=dlt.destinations.sqlalchemy(credentials=_address(settings.warehouse)),
            dataset_name=settings.warehouse.database,
        )
        pipeline.run((files | dlt.transformer(rows_of)).with_name(TABLE), write_disposition="append")
        rows = pipeline.last_trace.last_normalize_info.row_counts[TABLE]
    sys.stdout.write(f"{rows}\n")
    return 0


def rows_of(items: Iterator[FileItemDict]) -> Iterator[list[dict[str, str]]]:
    """The rows of each file as texts."""
    for item in items:
        squeezed: Literal["gzip"] | None = "gzip" if str(item["file_name"]).lower().endswith(".gz") else None
        try:
            with item.open() as body:
                chunks = pd.read_csv(body, dtype=str, chunksize=ROWS_AT_ONCE, on_bad_lines="skip", compression=squeezed)
                for chunk in chunks:
                    yield chunk.dropna(axis="columns", how="all").to_dict("records")
        except (ValueError, OSError, EOFError):  # not CSV, not UTF-8, no gzip, empty
            continue


def _files(storage: Storage) -> object:
    if storage.access_key is None or storage.secret_key is None:
        raise ValueError("the peers are measured on the embedded servers")
    keys = AwsCredentials(
        aws_access_key_id=storage.access_key.get_secret_value(),
        aws_secret_access_key=storage.secret_key.get_secret_value(),
        endpoint_url=storage.endpoint,
        region_name=storage.region,
    )
    return filesystem(
        bucket_url=f"s3://{storage.bucket}/{storage.prefixes.landing}".rstrip("/"),
        credentials=keys,
        file_glob="**/*.csv*",
    )


def _address(warehouse: Warehouse) -> str:
    """As the user that makes tables: dlt makes its own."""
    if warehouse.migration_password is None:
        raise ValueError("the peers are measured on the embedded servers")
    login = f"{warehouse.migration_user}:{warehouse.migration_password.get_secret_value()}"
    return f"mysql+pymysql://{login}@{warehouse.host}:{warehouse.port}/{warehouse.database}"


if __name__ == "__main__":
    sys.exit(main())

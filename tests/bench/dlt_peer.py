"""dlt: every CSV of landing into one MySQL table, typed as text; its packages are not the project's, so it runs apart.

`python -m tests.bench.dlt_peer` loads everything under landing once, from process start to exit: no dimensions, no
lake, no marts. It remembers what it loaded by the files' dates. Files that pandas cannot read are passed over.
"""

import sys
import tempfile
from collections.abc import Iterator

import dlt
import pandas as pd
from dlt.common.configuration.specs import AwsCredentials
from dlt.common.storages.fsspec_filesystem import FileItemDict
from dlt.sources.filesystem import filesystem

from streaming.contract.columns import MANDATORY
from streaming.contract.sections import Storage, Warehouse
from streaming.contract.settings import read_settings

ROWS_AT_ONCE = 20_000
TABLE = "loaded_by_dlt"
LONGEST_TEXT = 255
"""A row with a longer one is passed over: MySQL would end the load at it."""


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
    """The sales of each file as texts."""
    for item in items:
        try:
            with item.open() as body:  # dlt has unpacked what is named .gz
                for chunk in pd.read_csv(
                    body, dtype=str, keep_default_na=False, chunksize=ROWS_AT_ONCE, on_bad_lines="skip"
                ):
                    named = chunk.rename(columns=lambda name: str(name).strip().lower())[list(MANDATORY)]
                    yield named[named.map(len).max(axis=1) <= LONGEST_TEXT].to_dict("records")
        except (ValueError, KeyError, OSError, EOFError) as error:  # not CSV, not UTF-8, no gzip, empty, no sales
            sys.stderr.write(f"left out {item['file_name']}: {type(error).__name__}\n")


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
        file_glob="**/*.[cC][sS][vV]*",
    )


def _address(warehouse: Warehouse) -> str:
    """As the user that makes tables: dlt makes its own."""
    if warehouse.migration_password is None:
        raise ValueError("the peers are measured on the embedded servers")
    login = f"{warehouse.migration_user}:{warehouse.migration_password.get_secret_value()}"
    return f"mysql+pymysql://{login}@{warehouse.host}:{warehouse.port}/{warehouse.database}"


if __name__ == "__main__":
    sys.exit(main())

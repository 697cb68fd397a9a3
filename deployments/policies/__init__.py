"""What each role may do in the bucket: S3 policies as JSON, with the names of an environment put in."""

from pathlib import Path
from string import Template
from typing import Literal, get_args

from streaming.contract.sections import Storage
from streaming.stamps import STAMP_KEY

BucketRole = Literal["ingest", "archiver", "reader", "store"]
"""Who loads, who moves and deletes files, who reads lake and reports, who drops files."""
BUCKET_ROLES: tuple[BucketRole, ...] = get_args(BucketRole)
FOLDER = Path(__file__).parent


def policy_of(role: BucketRole, storage: Storage) -> str:
    """The role's policy for an environment's bucket, as AWS's IAM takes it."""
    prefixes = storage.prefixes.model_dump()
    tables = {f"{name}_itself": prefixes[name].rstrip("/") for name in ("facts", "rejects")}
    names = {"bucket": storage.bucket, "stamp": STAMP_KEY, **prefixes, **tables}
    return Template((FOLDER / f"{role}.json").read_text(encoding="utf-8")).substitute(names)

"""Beside each quarantined file, what is wrong with it and what its store should do, in plain words."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from streaming.bucket import Bucket
from streaming.contract.gate import UNREADABLE_OK_FILE
from streaming.contract.reasons import FileReason
from streaming.contract.settings import EnvironmentName, Settings, read_settings
from streaming.warehouse.connection import connected
from streaming.warehouse.staging import Quarantined, quarantined
from tasks.resting import REASON_ENDING, reason_key

log = logging.getLogger(__name__)

PUTS_AT_ONCE = 8

AGAIN = "Send the file again under the same name once this is put right."
SENTENCES = {
    FileReason.MISSING_COLUMNS: "The header lacks columns that every file must have: {about}. " + AGAIN,
    FileReason.DUPLICATE_COLUMNS: "The header names columns more than once: {about}. " + AGAIN,
    FileReason.EMPTY_FILE: f"The file is empty, or holds nothing but white space. {AGAIN}",
    FileReason.NOT_UTF8: f"The file holds bytes that are not UTF-8 text. Save it as CSV in UTF-8. {AGAIN}",
    FileReason.NOT_CSV: (
        "The file is not comma-separated text: it has a NUL character, a quote that is never closed, a damaged header, "
        f"or a row or header that is too long. {AGAIN}"
    ),
    FileReason.CORRUPT_GZIP: f"The name ends in .gz, but the file is not a whole gzip archive. {AGAIN}",
    FileReason.TOO_LARGE: "The file is larger than allowed, or grows too large when it is unpacked. Send it in parts.",
    FileReason.UNSUPPORTED_KEY: "The name ends neither in .csv nor in .csv.gz. Send the file under a name that does.",
    FileReason.CRASHES_READER: (
        "Reading the file ended the program that read it, several times over. Nobody knows why yet: keep the file and "
        "tell the people who run the stream."
    ),
    FileReason.CONTROL_TOTAL_MISMATCH: (
        "The file does not agree with its .ok file, which announces its totals: {about}. Correct whichever is wrong. "
        + AGAIN
    ),
}
UNTOLD = "The file cannot be read as sales. Tell the people who run the stream."


WORDS = {"no_ok_file": "none came", UNREADABLE_OK_FILE: "it cannot be read"}
"""What a store need not know the codes of."""


@task(name="write reasons", task_run_name="reasons-{environment}", cache_policy=NO_CACHE)
def write_reasons(environment: EnvironmentName) -> int:
    """Put a readable reason beside each quarantined file that has none; returns how many were put."""
    written = tell_reasons(read_settings(environment))
    log.info("wrote the reasons of %d quarantined files", written)
    return written


def tell_reasons(settings: Settings) -> int:
    """The same, also for files that were quarantined long ago; one listing tells which have theirs."""
    bucket, prefixes = Bucket(settings.storage.for_archiver()), settings.storage.prefixes
    there = {each.object_key for each in bucket.listing(prefixes.quarantine) if each.object_key.endswith(REASON_ENDING)}
    with connected(settings.warehouse) as database:
        files = {reason_key(each.rests_at, each.delivery_id, prefixes): each for each in quarantined(database)}
    missing = files.keys() - there
    with ThreadPoolExecutor(PUTS_AT_ONCE, thread_name_prefix="reasons") as pool:
        list(pool.map(lambda key: bucket.put(key, as_text(files[key]).encode()), sorted(missing)))
    return len(missing)


def as_text(file: Quarantined) -> str:
    """The reason as it lies there; the same file has the same text for ever."""
    told = {
        "delivery_id": file.delivery_id,
        "object_key": file.object_key,
        "etag": file.etag,
        "size_bytes": file.size_bytes,
        "arrived_at": _utc(file.arrived_at),
        "quarantined_at": _utc(file.quarantined_at),
        "reason": file.reason,
        "explanation": explanation_of(file.reason),
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def explanation_of(reason: str) -> str:
    """What is wrong, and what the store should do, for a reason code with or without what it is about."""
    code, _, about = reason.partition(":")
    if code not in set(FileReason):
        return UNTOLD
    return SENTENCES[FileReason(code)].replace(
        "{about}", WORDS.get(about, about.replace(",", ", ").replace(",  ", ", "))
    )


def _utc(moment: datetime | None) -> str | None:
    return moment.replace(tzinfo=UTC).isoformat() if moment else None

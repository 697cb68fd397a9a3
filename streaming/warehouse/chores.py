"""Chores in the database: asked for by anybody, begun and finished by the writer alone, piece by piece."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from streaming.contract.chores import ChoreKind, Done, Extent
from streaming.contract.errors import TillstreamError
from streaming.contract.settings import Settings
from streaming.warehouse.connection import Database, Row, connected, execute, fetch, insert, transaction

TRIES = 3
LONGEST_FAILURE = 1_000
WITHOUT_A_WORD = "the writer died each time, and left no word"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """A chore that is to be done.

    keep_hours: how long ago the lake must have let a file go before it is deleted.
    tries: how often it was begun since anything of it went well.
    failure: what the last try died of, if it could tell.
    """

    chore_id: int
    kind: ChoreKind
    keep_hours: int | None = None
    tries: int = 0
    failure: str | None = None

    @property
    def is_hopeless(self) -> bool:
        """True when it was begun often enough in vain."""
        return self.tries >= TRIES


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoreEnd:
    """Whether a chore is finished, and how it ended; `outcome` is a line for people."""

    chore_id: int
    kind: ChoreKind
    is_finished: bool
    is_failed: bool
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChorePiece:
    """What became of one place of the lake, as it was noted."""

    chore_id: int
    place: str
    before: Extent
    after: Extent


def request_chore(database: Database, kind: ChoreKind, *, keep_hours: int | None = None) -> int:
    """Ask the writer for a chore; returns its id, or that of the same kind that is open already."""
    with transaction(database):
        fetch(database, "locks/lock_discovery")
        opened = {chore.kind: chore.chore_id for chore in open_chores(database)}
        return opened.get(kind) or insert(database, "chores/insert", kind=kind, keep_hours=keep_hours)


def open_chores(database: Database) -> list[Chore]:
    """What is to be done, in the order it was asked for."""
    return [_chore(row) for row in fetch(database, "chores/open")]


def note_try(database: Database, chore: Chore) -> None:
    """Note, before anything is touched, that somebody begins."""
    with transaction(database):
        execute(database, "chores/note_try", chore_id=chore.chore_id)


def note_done(database: Database, chore: Chore, done: Done) -> None:
    """A piece went well: what it came to is kept, and the tries before it count no more."""
    with transaction(database):
        execute(
            database,
            "chore_pieces/insert",
            chore_id=chore.chore_id,
            place=str(done.place),
            files_before=done.before.files,
            files_after=done.after.files,
            bytes_before=done.before.size_bytes,
            bytes_after=done.after.size_bytes,
        )
        execute(database, "chores/note_progress", chore_id=chore.chore_id)


def note_failure(settings: Settings, chore: Chore, failure: BaseException) -> None:
    """Keep what a piece died of, if the database can be reached."""
    with suppress(TillstreamError), connected(settings.warehouse) as database, transaction(database):
        execute(database, "chores/note_failure", chore_id=chore.chore_id, failure=str(failure)[:LONGEST_FAILURE])


def finish(database: Database, chore: Chore) -> str:
    """All of it is done, or it is given up after too many tries in vain; returns the outcome as a line."""
    pieces = pieces_of(database, [chore.chore_id])
    outcome = _outcome(pieces)
    if chore.is_hopeless:
        outcome = f"given up after {chore.tries} tries: {chore.failure or WITHOUT_A_WORD} ({outcome})"
    with transaction(database):
        execute(database, "chores/finish", chore_id=chore.chore_id, is_failed=chore.is_hopeless, outcome=outcome)
    return outcome


def ends_of(database: Database, chore_ids: Collection[int]) -> list[ChoreEnd]:
    """How these chores stand."""
    rows = fetch(database, "chores/of_ids", chore_ids=tuple(chore_ids)) if chore_ids else []
    return [_end(row) for row in rows]


def pieces_of(database: Database, chore_ids: Collection[int]) -> list[ChorePiece]:
    """What was noted of these chores' pieces."""
    rows = fetch(database, "chore_pieces/of_chores", chore_ids=tuple(chore_ids)) if chore_ids else []
    return [_piece(row) for row in rows]


def _outcome(pieces: Collection[ChorePiece]) -> str:
    before = Extent(*map(sum, zip(*(piece.before for piece in pieces), strict=True))) if pieces else Extent(0, 0)
    after = Extent(*map(sum, zip(*(piece.after for piece in pieces), strict=True))) if pieces else Extent(0, 0)
    return f"{len(pieces):,} places: {before} before, {after} after"


def _chore(row: Row) -> Chore:
    return Chore(
        chore_id=_whole(row["chore_id"]),
        kind=ChoreKind(str(row["kind"])),
        keep_hours=None if row["keep_hours"] is None else _whole(row["keep_hours"]),
        tries=_whole(row["tries"]),
        failure=None if row["failure"] is None else str(row["failure"]),
    )


def _end(row: Row) -> ChoreEnd:
    return ChoreEnd(
        chore_id=_whole(row["chore_id"]),
        kind=ChoreKind(str(row["kind"])),
        is_finished=row["finished_at"] is not None,
        is_failed=bool(row["is_failed"]),
        outcome=str(row["outcome"] or ""),
    )


def _piece(row: Row) -> ChorePiece:
    return ChorePiece(
        chore_id=_whole(row["chore_id"]),
        place=str(row["place"]),
        before=Extent(_whole(row["files_before"]), _whole(row["bytes_before"])),
        after=Extent(_whole(row["files_after"]), _whole(row["bytes_after"])),
    )


def _whole(value: object) -> int:
    return int(str(value))

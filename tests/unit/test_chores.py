"""Which places of the lake are worth compacting, from a list of files alone."""

from streaming.contract.chores import MEGABYTE, Extent, LakeFile, Place, fragmented, place_of
from streaming.contract.sections import Maintenance

LIMITS = Maintenance(small_files=2, target_file_mb=10)
ONE, OTHER, REJECTS = Place("facts", "2026-01", 1), Place("facts", "2026-01", 2), Place("rejects")


def files(place: Place, *megabytes: int) -> list[LakeFile]:
    return [LakeFile(place, each * MEGABYTE) for each in megabytes]


def test_more_small_files_than_allowed_make_a_place_worth_it_and_the_worst_comes_first() -> None:
    found = fragmented([*files(ONE, 1, 1, 1), *files(OTHER, 1, 1), *files(REJECTS, 1, 1, 1, 1)], LIMITS)
    assert list(found.items()) == [(REJECTS, Extent(4, 4 * MEGABYTE)), (ONE, Extent(3, 3 * MEGABYTE))]


def test_files_of_which_two_do_not_fit_into_one_are_not_small() -> None:
    assert fragmented(files(ONE, 5, 5, 5, 1, 1), LIMITS) == {}
    assert list(fragmented(files(ONE, 4, 4, 4), LIMITS)) == [ONE]


def test_a_place_says_what_it_is() -> None:
    assert str(place_of("facts", "2026-01", "3")) == "facts of 2026-01, store 3"
    assert str(place_of("rejects", None, None)) == "rejects"

"""How a batch's deliveries are shared out among tasks."""

from streaming.contract.deliveries import Delivery
from streaming.landing.planner import files_after
from streaming.landing.shares import SMALLEST_PARTITION_BYTES, shared_out

MEGABYTE = SMALLEST_PARTITION_BYTES


def deliveries(*sizes: int) -> list[Delivery]:
    return [Delivery(delivery_id=n, object_key=f"{n}.csv", etag="", size_bytes=size) for n, size in enumerate(sizes, 1)]


def sizes(shares: list[tuple[Delivery, ...]]) -> list[int]:
    return sorted(sum(delivery.size_bytes for delivery in share) for share in shares)


def test_small_files_go_to_one_task() -> None:
    assert sizes(shared_out(deliveries(*[1_000] * 50), tasks=4)) == [50_000]


def test_large_files_are_spread_evenly() -> None:
    spread = shared_out(deliveries(*[n * MEGABYTE for n in (9, 1, 5, 4, 1)]), tasks=2)
    assert sizes(spread) == [10 * MEGABYTE, 10 * MEGABYTE]


def test_one_huge_file_is_one_share_and_nothing_gives_none() -> None:
    assert len(shared_out(deliveries(500 * MEGABYTE), tasks=8)) == 1
    assert shared_out([], tasks=8) == []


def test_every_delivery_is_in_one_share() -> None:
    many = deliveries(*[n * 300_000 for n in range(40)])
    found = sorted(d.delivery_id for share in shared_out(many, tasks=3) for d in share)
    assert found == list(range(1, 41))


def test_after_each_crash_a_batch_is_smaller_and_a_file_at_its_last_chance_alone() -> None:
    assert [files_after(crashes, most=100_000, most_crashes=3) for crashes in range(4)] == [100_000, 3_125, 1, 1]
    assert [files_after(crashes, most=10, most_crashes=9) for crashes in range(3)] == [10, 1, 1]
    assert files_after(1, most=100_000, most_crashes=2) == 1

"""Many small files waiting: what is asked of S3 and MySQL grows with pages, not with files."""

from pathlib import Path

import pytest

from tests.shop import Shop
from tests.soak.many_files import put_files, run

FILES = 3_000
PAGE = 1_000


@pytest.mark.soak
def test_looking_at_landing_costs_a_call_a_page(shop: Shop, servers: Path, tmp_path: Path) -> None:
    put_files(shop, servers, FILES)
    found = run(shop, tmp_path / "counts")
    assert (found["exit code"], found["statuses"]) == (0, {"processed": FILES})
    requests = found["requests"]
    assert isinstance(requests, dict)
    assert requests["ListObjectsV2"] == FILES // PAGE
    assert requests["GetObject"] == FILES
    # 90 a batch of 1,000 at the time of writing, whatever the number of files in it
    assert requests["statement"] < 120 * FILES // PAGE

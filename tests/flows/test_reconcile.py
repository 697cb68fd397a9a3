"""The flow from a terminal: differences are told before anything changes, then mended, and what is left is an error."""

import pytest

from tests.flows.conftest import Runner
from tests.shop import Shop

pytestmark = [pytest.mark.servers, pytest.mark.soak]


def test_a_repair_is_told_beforehand_and_leaves_what_a_person_must_look_at(run: Runner, shop: Shop) -> None:
    shop.do("INSERT INTO customer_mart VALUES (1, '1999-01', 'Ada Byron', 2, 3.00)")
    shop.bucket.put(f"{shop.settings.storage.prefixes.archive}notes.txt", b"foreign")
    planned = run("flows.reconcile", "--repair", "--dry-run")
    assert planned.returncode == 65, planned.stderr
    assert "would change: customer_mart 1999-01: -2 sales, -3.00 money" in planned.stderr
    assert "error: 2 differences; first: foreign_object: " in planned.stderr
    assert len(shop.customer_mart()) == 1
    assert shop.sql("SELECT proof_id FROM proofs") == shop.sql("SELECT batch_id FROM batches") == []

    done = run("flows.reconcile", "--repair")
    assert done.returncode == 65, done.stderr
    assert "mending customer_mart 1999-01: -2 sales, -3.00" in done.stderr
    assert "error: 1 difference; first: foreign_object: " in done.stderr
    assert "Traceback" not in done.stderr
    assert shop.customer_mart() == []
    proofs = shop.sql("SELECT is_full, differences FROM proofs ORDER BY proof_id")
    assert [(row["is_full"], row["differences"]) for row in proofs] == [(1, 2), (1, 1)]

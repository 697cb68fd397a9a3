"""No run crosses from one environment to another: bucket and database say whose they are."""

import json

import pytest

from streaming.contract.errors import ConfigurationError, ContractError
from streaming.stamps import STAMP_KEY, refuse_other_stamps, require_stamps, stamp
from tests.shop import Shop

pytestmark = pytest.mark.servers


@pytest.fixture
def stamped(shop: Shop) -> Shop:
    """A shop; the bucket is all tests', so its stamp is put back by whoever changes it."""
    require_stamps(shop.settings)
    return shop


def test_stamping_again_changes_nothing(stamped: Shop) -> None:
    assert stamp(stamped.settings) == []


def test_a_database_of_another_environment_is_refused_by_all(stamped: Shop) -> None:
    stamped.do("UPDATE environment_stamp SET environment = 'prod'")
    for check in (require_stamps, refuse_other_stamps, stamp):
        with pytest.raises(ConfigurationError, match="database tillstream_dev belongs to prod, and this is dev"):
            check(stamped.settings)


def test_a_bucket_of_another_environment_is_refused_before_the_database_is_asked(stamped: Shop) -> None:
    ours = stamped.bucket.open(STAMP_KEY, etag=stamped.bucket.seen(STAMP_KEY).etag).read()
    stamped.bucket.put(STAMP_KEY, json.dumps({"environment": "qa"}).encode())
    try:
        with pytest.raises(ConfigurationError, match="bucket tillstream-dev belongs to qa, and this is dev"):
            require_stamps(stamped.settings)
    finally:
        stamped.bucket.put(STAMP_KEY, ours)


def test_without_a_stamp_only_provisioning_goes_on(stamped: Shop) -> None:
    stamped.do("DELETE FROM environment_stamp")
    with pytest.raises(ContractError, match=r"stamped for no environment: run `python -m flows.provision"):
        require_stamps(stamped.settings)
    refuse_other_stamps(stamped.settings)
    assert stamp(stamped.settings) == ["database tillstream_dev"]
    require_stamps(stamped.settings)


def test_a_stamp_that_nobody_can_read_is_no_stamp_of_ours(stamped: Shop) -> None:
    ours = stamped.bucket.open(STAMP_KEY, etag=stamped.bucket.seen(STAMP_KEY).etag).read()
    stamped.bucket.put(STAMP_KEY, b"[]")
    try:
        with pytest.raises(ContractError, match="is not what provisioning wrote"):
            stamp(stamped.settings)
    finally:
        stamped.bucket.put(STAMP_KEY, ours)


def test_whoever_does_not_know_the_migration_user_cannot_stamp(stamped: Shop) -> None:
    warehouse = stamped.settings.warehouse.model_copy(update={"migration_user": None})
    with pytest.raises(ConfigurationError, match=r"changing tables needs warehouse\.migration_user"):
        stamp(stamped.settings.model_copy(update={"warehouse": warehouse}))

"""Each role's policy is of its environment's bucket alone, and gives no more than its words."""

import json
from typing import cast

import pytest

from deployments.policies import BUCKET_ROLES, BucketRole, policy_of
from streaming.contract.sections import Prefixes, Storage

STORAGE = Storage(bucket="sales-qa", prefixes=Prefixes(landing="in/", facts="lake/sales/"))
READS = {"s3:ListBucket", "s3:GetBucketLocation", "s3:GetObject"}


def statements(role: BucketRole) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", json.loads(policy_of(role, STORAGE))["Statement"])


def listed(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


@pytest.mark.parametrize("role", BUCKET_ROLES)
def test_it_names_actions_one_by_one_and_nothing_outside_the_bucket(role: BucketRole) -> None:
    for statement in statements(role):
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in listed(statement["Action"]))
        for resource in listed(statement["Resource"]):
            name, _, prefix = resource.removeprefix("arn:aws:s3:::").partition("/")
            assert name == "sales-qa"
            assert prefix != "*"
            assert "$" not in resource


def test_a_reader_only_reads_and_sees_no_file_of_a_store() -> None:
    for statement in statements("reader"):
        assert set(listed(statement["Action"])) <= READS
    assert "/in/" not in policy_of("reader", STORAGE)


def test_only_the_archiver_deletes_a_file_and_only_a_store_and_the_archiver_put_one() -> None:
    def those_who(action: str, place: str) -> set[str]:
        return {
            role
            for role in BUCKET_ROLES
            for statement in statements(role)
            if action in listed(statement["Action"])
            and f"arn:aws:s3:::sales-qa/{place}*" in listed(statement["Resource"])
        }

    for place in ("in/", "archive/", "quarantine/"):
        assert those_who("s3:DeleteObject", place) == {"archiver"}
    assert those_who("s3:PutObject", "in/") == {"archiver", "store"}
    assert those_who("s3:PutObject", "lake/sales/") == {"ingest"}

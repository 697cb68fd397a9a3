"""Without TLS only this machine is spoken to, unless the environment's file says otherwise."""

import pymysql
import pytest
from pydantic import SecretStr, ValidationError

from streaming.contract.errors import ContractError
from streaming.contract.sections import Storage, Warehouse
from streaming.tls import is_disbelief
from streaming.warehouse.connection import explain


def warehouse(host: str, *, plain_text: bool = False) -> Warehouse:
    return Warehouse(host=host, database="d", user="u", password=SecretStr("p"), plain_text=plain_text)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"])
def test_a_server_on_this_machine_need_not_prove_who_it_is(host: str) -> None:
    assert not warehouse(host).is_verified


@pytest.mark.parametrize("host", ["db.example", "10.0.0.1", "localhost.example", "127.0.0.1.example", "", "0.0.0.0"])  # noqa: S104  a host like any other here
def test_any_other_must(host: str) -> None:
    assert warehouse(host).is_verified
    assert not warehouse(host, plain_text=True).is_verified


@pytest.mark.parametrize("endpoint", ["http://s3.example", "http://10.0.0.1:9000", "ftp://s3.example", "s3.example"])
def test_an_endpoint_elsewhere_is_https(endpoint: str) -> None:
    with pytest.raises(ValidationError, match="plain_text"):
        Storage(bucket="sales", endpoint=endpoint)
    assert Storage(bucket="sales", endpoint=endpoint, plain_text=True).endpoint == endpoint


@pytest.mark.parametrize("endpoint", [None, "https://s3.example", "http://127.0.0.1:19000", "http://localhost:9"])
def test_aws_https_and_this_machine_are_as_good(endpoint: str | None) -> None:
    assert Storage(bucket="sales", endpoint=endpoint).endpoint == endpoint


@pytest.mark.parametrize("told", ["Could not connect to https://hostname.example", "no such hostname", "reset by peer"])
def test_a_server_that_does_not_answer_is_not_taken_for_another(told: str) -> None:
    assert not is_disbelief(OSError(told))


def test_a_value_that_reads_like_a_refusal_is_none() -> None:
    error = pymysql.err.DataError(1406, "Data too long: CERTIFICATE_VERIFY_FAILED")
    assert type(explain(error, warehouse("db.example"))) is ContractError

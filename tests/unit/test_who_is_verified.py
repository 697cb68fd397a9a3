"""Without TLS only this machine is spoken to, unless the environment's file says otherwise."""

import pytest
from pydantic import SecretStr, ValidationError

from streaming.contract.sections import Storage, Warehouse


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

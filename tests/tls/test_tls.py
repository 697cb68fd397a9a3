"""A server is believed when a CA of the settings says that it is the one asked for, and not otherwise."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from streaming.bucket import Bucket
from streaming.contract.errors import ConfigurationError
from streaming.contract.places import CHECKOUT
from streaming.contract.sections import Storage, Warehouse
from streaming.contract.settings import Settings
from streaming.warehouse.connection import connected
from tasks.reconcile.lake import Table
from tests.processes.doors import DOOR, PATIENCE_SECONDS
from tests.shop import open_shop

pytestmark = pytest.mark.servers
SALES = ("1,1,Rye flour,2026-03-14,1,2.50,4,10.00", "2,1,Green tea,2026-03-15,1,3.00,1,3.00")


def cipher_of(warehouse: Warehouse) -> str:
    with connected(warehouse, as_migrator=True) as database, database.cursor() as cursor:
        cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
        row = cursor.fetchone()
        assert row is not None
        return str(row["Value"])


def with_(warehouse: Warehouse, **changes: object) -> Warehouse:
    return Warehouse.model_validate({**dict(warehouse), **changes})


def test_the_database_of_the_right_ca_and_name_is_believed(trusting: Settings) -> None:
    assert cipher_of(trusting.warehouse)


@pytest.mark.parametrize(
    "changes", [{"tls_ca": "other.pem"}, {"host": "localhost"}, {"tls_ca": None, "host": "::ffff:127.0.0.1"}]
)
def test_another_ca_or_another_name_is_not_believed(
    trusting: Settings, certificates: Path, changes: Mapping[str, str | None]
) -> None:
    file = changes.get("tls_ca", "ca.pem")
    warehouse = with_(trusting.warehouse, **{**changes, "tls_ca": certificates / file if file else None})
    with pytest.raises(ConfigurationError, match=r"certificate verify failed.*tls_ca"):
        cipher_of(warehouse)


def test_a_database_without_tls_is_refused_where_a_ca_is_named(plain: Settings, certificates: Path) -> None:
    with pytest.raises(ConfigurationError, match="SSL is required"):
        cipher_of(with_(plain.warehouse, tls_ca=certificates / "ca.pem"))


def test_a_file_that_holds_no_certificates_is_named(trusting: Settings, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.pem"
    with pytest.raises(ConfigurationError, match=f"tls_ca {nothing}"):
        cipher_of(with_(trusting.warehouse, tls_ca=nothing))
    with pytest.raises(ConfigurationError, match=f"tls_ca {nothing}"):
        Bucket(Storage.model_validate({**dict(trusting.storage), "tls_ca": nothing})).exists()


def test_the_bucket_of_the_right_ca_and_name_is_believed(trusting: Settings) -> None:
    bucket = Bucket(trusting.storage)
    bucket.create()
    assert bucket.exists()


@pytest.mark.parametrize("changes", [{"tls_ca": "other.pem"}, {"host": "localhost"}, {"tls_ca": None}])
def test_a_bucket_of_another_ca_or_name_is_not_believed(
    trusting: Settings, certificates: Path, changes: Mapping[str, str | None]
) -> None:
    file = changes.get("tls_ca", "ca.pem")
    endpoint = str(trusting.storage.endpoint).replace("127.0.0.1", changes.get("host") or "127.0.0.1")
    changed = {"tls_ca": certificates / file if file else None, "endpoint": endpoint}
    with pytest.raises(ConfigurationError, match=r"SSL validation failed.*tls_ca"):
        Bucket(Storage.model_validate({**dict(trusting.storage), **changed})).exists()


def test_an_s3_server_without_tls_is_refused_where_the_endpoint_is_https(plain: Settings, certificates: Path) -> None:
    endpoint = str(plain.storage.endpoint).replace("http:", "https:")
    changed = {"tls_ca": certificates / "ca.pem", "endpoint": endpoint}
    with pytest.raises(ConfigurationError, match="tls_ca"):
        Bucket(Storage.model_validate({**dict(plain.storage), **changed})).exists()


@pytest.mark.soak
def test_a_stream_and_the_look_at_its_lake_go_by_tls_alone(trusting: Settings, servers_with_tls: Path) -> None:
    assert trusting.storage.tls_ca
    with open_shop(servers_with_tls) as shop:
        shop.put_sales("today.csv", *SALES)
        opened = subprocess.run(
            DOOR, cwd=CHECKOUT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
        assert opened.returncode == 0, opened.stderr
        assert sum(int(str(row["purchases"])) for row in shop.customer_mart()) == len(SALES)
        assert Table(shop.settings.storage, shop.settings.storage.prefixes.facts).files("facts")

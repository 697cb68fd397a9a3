"""The world the tests live in: real servers of their own in a folder of their own, one Spark, one fresh shop a test."""

import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import hypothesis
import pytest
from pyspark.sql import SparkSession

from deployments.embedded import down, up
from streaming.contract.faults import FAULT_VARIABLE
from streaming.contract.places import CHECKOUT, FOLDERS_VARIABLE, HOME_VARIABLE
from streaming.contract.settings import read_settings
from streaming.session import spark_session
from tests.mysql.real import is_real, real_mysql
from tests.policies.enforced import enforced, is_enforced
from tests.shop import Shop, open_shop

SERVERS = ("s3", "database")
hypothesis.settings.register_profile("tillstream", deadline=None)  # machines are shared: a slow example is no fault
hypothesis.settings.load_profile("tillstream")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest test, so that the halves of a run end together."""
    items.sort(key=lambda item: "test_life_of_a_shop" not in item.nodeid)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of the tests' own: nothing of theirs touches the servers of a demo."""
    folder = tmp_path_factory.mktemp("home")
    layers = (
        CHECKOUT / "deployments" / "environments",
        folder / "environments",
        folder / "mysql",
        folder / "enforced",
        folder / "shop",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(folder))
        patch.setenv(FAULT_VARIABLE, str(folder / "fault"))
        patch.setenv(FOLDERS_VARIABLE, os.pathsep.join(map(str, layers)))
        for name in ("TILLSTREAM_KEY", "TILLSTREAM_KEY_FILE", "PREFECT_API_URL", "PREFECT_HOME", "PREFECT_PROFILE"):
            patch.delenv(name, raising=False)
        yield folder


@pytest.fixture(scope="session")
def servers(home: Path) -> Iterator[Path]:
    """The S3 server and the database, running until the last test is done."""
    try:
        up(SERVERS)
        with (
            real_mysql(home) if is_real() else nullcontext(),
            enforced(home) if is_enforced() else nullcontext(),
        ):
            yield home
    finally:
        down()


@pytest.fixture(scope="session")
def spark(servers: Path) -> Iterator[SparkSession]:
    """One Spark for all tests; the settings of the moment do not matter to it, only the endpoint does.

    Its scratch files lie apart: a door that a test opens wipes those of the writer.
    """
    with spark_session(read_settings("dev"), folder=servers / "scratch-of-tests") as session:
        yield session


@pytest.fixture
def shop(servers: Path) -> Iterator[Shop]:
    """An environment `dev` with fresh tables and fresh prefixes, provisioned and with a few dimension rows."""
    with open_shop(servers) as opened:
        yield opened

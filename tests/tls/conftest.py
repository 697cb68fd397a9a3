"""The embedded servers once more, in a home of their own, now with TLS."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.embedded import database, down, storage, up
from deployments.embedded.environments import Environment
from deployments.embedded.ports import ADDRESS
from streaming.contract.places import CHECKOUT, FOLDERS_VARIABLE, HOME_VARIABLE
from streaming.contract.settings import Settings, read_settings
from tests.tls.certificates import authority, certificate_of

OPENING = "of no use to anybody"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the CA that signed the servers' certificate (`ca.pem`), and one that did not (`other.pem`)."""
    folder = tmp_path_factory.mktemp("certificates")
    signer = authority("the retailer's CA")
    signer.write(folder / "ca.pem")
    authority("the retailer's CA").write(folder / "other.pem")
    server = certificate_of(ADDRESS, signer)
    server.write(folder / "server.pem")
    server.write_key(folder / "server.key")
    server.write_store(folder / "server.p12", OPENING)
    return folder


@pytest.fixture(scope="module")
def plain(servers: Path) -> Settings:
    """The settings of the usual servers, which have no TLS."""
    assert servers.is_dir()
    return read_settings("dev")


@pytest.fixture(scope="module")
def servers_with_tls(plain: Settings, certificates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose S3 server and database speak TLS, the database also without; `dev` is told nothing of it yet."""
    assert plain.environment == "dev"  # the usual servers are there before the home is another
    own = tmp_path_factory.mktemp("tls")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(own))
        folders = (CHECKOUT / "deployments" / "environments", own / "environments", own / "trust", own / "shop")
        patch.setenv(FOLDERS_VARIABLE, os.pathsep.join(map(str, folders)))
        patch.delitem(database.OPTIONS, "ssl")
        for name, file in {"ssl-cert": "server.pem", "ssl-key": "server.key", "ssl-ca": "ca.pem"}.items():
            patch.setitem(database.OPTIONS, name, str(certificates / file))
        patch.setattr(storage.StorageServer, "_properties", _with_tls(certificates))
        patch.setattr(storage.StorageServer, "endpoint", property(lambda server: f"https://{ADDRESS}:{server.port}"))
        patch.setenv("AWS_CA_BUNDLE", str(certificates / "ca.pem"))  # for the look whether the server answers
        up(("s3", "database"))
        patch.delenv("AWS_CA_BUNDLE")
        yield own
        down()


def _with_tls(certificates: Path) -> object:
    usual = storage.StorageServer._properties  # noqa: SLF001  a server with TLS is the usual one but for two lines

    def properties(server: storage.StorageServer, environment: Environment) -> str:
        return usual(server, environment).replace("s3proxy.endpoint=", "s3proxy.secure-endpoint=") + (
            f"s3proxy.keystore-path={certificates / 'server.p12'}\ns3proxy.keystore-password={OPENING}\n"
        )

    return properties


@pytest.fixture
def trusting(servers_with_tls: Path, certificates: Path) -> Settings:
    """The settings of `dev` with the CA of both servers."""
    overlay = servers_with_tls / "trust" / "dev.toml"
    overlay.parent.mkdir(exist_ok=True)
    line = f'tls_ca = "{certificates / "ca.pem"}"'
    overlay.write_text(f"[storage]\n{line}\n\n[warehouse]\n{line}\n", encoding="utf-8")
    return read_settings("dev")

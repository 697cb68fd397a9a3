"""The files of the containers: what Compose starts is hardened, has its secrets as files, and agrees with the code."""

import os
import re
import shutil
import stat
import sys
from pathlib import Path

import pytest
import yaml
from prefect import settings as prefect_settings

from deployments.checking import Node, mapping
from deployments.docker.health import Worker, client_settings, worker_of
from deployments.docker.prepare import main as prepare
from deployments.embedded.prefect_server import LEASES
from deployments.jars.folder import CHECKSUMS, USES
from streaming.contract.credentials import KEY_COMMAND_VARIABLE, KEY_FILE_VARIABLE, KEY_VARIABLE
from streaming.contract.places import CHECKOUT, FOLDERS_VARIABLE
from streaming.contract.settings import ENVIRONMENTS, read_settings

FOLDER = CHECKOUT / "deployments" / "docker"
COMPOSE = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
DOCKERFILE = (FOLDER / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
IGNORED = (CHECKOUT / ".dockerignore").read_text(encoding="utf-8").splitlines()
TREE = mapping(yaml.safe_load(COMPOSE))
SERVICES = {name: mapping(service) for name, service in mapping(TREE["services"]).items()}
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    assert prepare(["--folder", str(folder)]) == 0
    return folder


def listed(node: object) -> list[object]:
    return node if isinstance(node, list) else []


def command_of(service: Node) -> str:
    return " ".join(map(str, listed(service.get("command"))))


def waits_for(service: Node) -> dict[str, str]:
    return {name: str(mapping(on)["condition"]) for name, on in mapping(service.get("depends_on")).items()}


def mounted(service: Node, kind: str) -> set[str]:
    return {str(mapping(entry).get("source", entry)) for entry in listed(service.get(kind))}


@pytest.mark.parametrize("name", SERVICES)
def test_each_container_can_write_and_do_as_little_as_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    limits = mapping(mapping(mapping(service["deploy"])["resources"])["limits"])
    assert {"cpus", "memory", "pids"} <= set(limits)


@pytest.mark.parametrize("name", SERVICES)
def test_what_goes_on_is_asked_for_its_health_and_what_ends_is_not_started_again(name: str) -> None:
    service = SERVICES[name]
    health = mapping(service.get("healthcheck"))
    is_asked = "test" in health or (name in OURS and "disable" not in health and "HEALTHCHECK" in DOCKERFILE)
    assert is_asked is (service["restart"] == "unless-stopped")


def test_each_waits_for_what_is_healthy_or_done_and_never_just_started() -> None:
    for service in SERVICES.values():
        for name, condition in waits_for(service).items():
            goes_on = SERVICES[name]["restart"] == "unless-stopped"
            assert condition == ("service_healthy" if goes_on else "service_completed_successfully")
    assert {name for name, service in SERVICES.items() if not waits_for(service)} >= {"mysql", "postgres", "s3-dev"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_environment_has_an_s3_server_a_provisioning_and_a_worker_of_its_own(environment: str) -> None:
    parts = [SERVICES[f"{part}-{environment}"] for part in ("s3", "provision", "worker")]
    assert all(environment in listed(part["profiles"]) for part in parts)
    for part in parts[1:]:
        named = re.findall(r"--environment (\w+)", command_of(part))
        assert set(named) == {environment}
    others = {f"{kind}-{other}" for other in ENVIRONMENTS for kind in ("s3", "key") if other != environment}
    assert not others & {secret for part in parts for secret in mounted(part, "secrets")}


def test_a_worker_has_neither_the_environments_file_nor_its_key() -> None:
    for environment in ENVIRONMENTS:
        worker = SERVICES[f"worker-{environment}"]
        assert mounted(worker, "secrets") == {"prefect-client"}
        assert not mounted(worker, "configs")


def test_no_variable_holds_a_secret() -> None:
    telling = re.compile(r"PASSWORD|SECRET|AUTH|CREDENTIAL|(?<!_)KEY|TOKEN|CONNECTION_URL")
    for service in SERVICES.values():
        for name in mapping(service.get("environment")):
            assert not telling.search(str(name)) or str(name).endswith(("_FILE", "_COMMAND")), name


def test_our_containers_are_told_nothing_that_nobody_reads() -> None:
    sources = [*CHECKOUT.glob("streaming/**/*.py"), *CHECKOUT.glob("tasks/**/*.py"), *CHECKOUT.glob("flows/**/*.py")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in sources)
    told = {str(name) for service in OURS.values() for name in mapping(service.get("environment"))}
    told |= {name for name in re.findall(r"^\s*(?:ENV\s+)?([A-Z_]+)=", DOCKERFILE, re.MULTILINE) if "_" in name}
    assert {name for name in told if name.startswith("TILLSTREAM_") and f'"{name}"' not in text} == set()
    assert {name for name in told if name.startswith("PREFECT_") and not hasattr(prefect_settings, name)} == set()


def test_leases_outlive_the_prefect_server_as_those_of_the_embedded_one_do() -> None:
    told = mapping(SERVICES["prefect"]["environment"])
    assert told["PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"] == LEASES


def test_every_file_that_is_mounted_was_prepared(prepared: Path) -> None:
    files = {
        str(name): VARIABLE.sub(str(prepared), str(mapping(entry)["file"]))
        for kind in ("secrets", "configs")
        for name, entry in mapping(TREE[kind]).items()
    }
    assert [file for file in files.values() if not Path(file).is_file()] == []
    used = {name for service in SERVICES.values() for kind in ("secrets", "configs") for name in mounted(service, kind)}
    assert used == set(files)
    unused = {str(path) for path in prepared.glob("*/*")} - set(files.values())
    assert [Path(path).name for path in unused] == ["login"]


def test_prepared_files_are_open_to_containers_in_a_folder_closed_to_others(prepared: Path) -> None:
    assert stat.S_IMODE(prepared.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in prepared.glob("*/*")} == {0o444}


def test_what_is_prepared_already_stays(prepared: Path) -> None:
    before = {path: path.read_text() for path in prepared.glob("*/*")}
    assert prepare(["--folder", str(prepared)]) == 0
    assert {path: path.read_text() for path in prepared.glob("*/*")} == before


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_finds_the_servers_of_compose(
    environment: str, prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (KEY_VARIABLE, KEY_FILE_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    layers = (CHECKOUT / "deployments" / "environments", prepared / "environments")
    monkeypatch.setenv(FOLDERS_VARIABLE, os.pathsep.join(map(str, layers)))
    monkeypatch.setenv(KEY_COMMAND_VARIABLE, f"cat {prepared}/secrets/key-{environment}")
    settings = read_settings(environment)
    assert settings.warehouse.host in SERVICES
    assert settings.storage.endpoint == f"http://s3-{environment}:7070"
    assert settings.storage.region == mapping(SERVICES[f"s3-{environment}"]["environment"])["VGW_REGION"]
    statements = (prepared / "secrets" / "mysql-users.sql").read_text()
    for user, password in (
        (settings.warehouse.user, settings.warehouse.password),
        (settings.warehouse.migration_user, settings.warehouse.migration_password),
    ):
        assert password is not None
        assert f"'{user}'@'%' IDENTIFIED BY '{password.get_secret_value()}'" in statements
    assert f"`{settings.warehouse.database}`" in statements


def test_the_statements_for_mysql_are_whole(prepared: Path) -> None:
    statements = (prepared / "secrets" / "mysql-users.sql").read_text()
    assert not re.search(r"%\(|%%|[{}]", statements)
    assert statements.count("CREATE DATABASE") == len(ENVIRONMENTS)


def test_the_example_names_each_variable_that_compose_asks_for_with_its_default() -> None:
    example = dict(
        line.split("=", maxsplit=1)
        for line in (FOLDER / ".env.example").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )
    files = [COMPOSE, (FOLDER / "compose.docker-pool.yaml").read_text(encoding="utf-8")]
    asked = dict(found for text in files for found in VARIABLE.findall(text))
    profiles = {str(profile) for service in SERVICES.values() for profile in listed(service.get("profiles"))}
    assert set(example.pop("COMPOSE_PROFILES").split(",")) <= profiles
    assert example == asked


def test_the_image_ends_as_a_user_that_is_not_root_and_passes_signals_on() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    (user,) = re.findall(r"^USER (\d+):\d+$", last, re.MULTILINE)
    assert int(user) > 0
    assert f"--uid {user} " in DOCKERFILE
    assert 'ENTRYPOINT ["tini", "--"]' in last
    assert f"uid={user}," in COMPOSE


def test_the_image_is_built_of_the_code_and_nothing_else_of_the_checkout() -> None:
    assert next(line for line in IGNORED if line and not line.startswith("#")) == "*"
    let_in = {line[1:] for line in IGNORED if line.startswith("!")}
    copied = {
        Path(source).parts[0]
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        for source in line.split()
    }
    assert copied == let_in
    assert not let_in & {".git", ".tillstream", ".venv", "tests"}


def test_each_jar_belongs_to_a_use_that_can_be_fetched_alone() -> None:
    kinds = {line.split()[1].partition("/")[0] for line in CHECKSUMS.read_text(encoding="utf-8").splitlines()}
    configurations = re.findall(r'<conf name="(\w+)"', (CHECKSUMS.with_name("ivy.xml")).read_text(encoding="utf-8"))
    assert kinds == set(USES) == set(configurations)


def test_make_proves_the_image_with_the_script() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    script = CHECKOUT / "tests" / "image" / "prove"
    assert re.search(r"^image-test: dev .*\n\t@tests/image/prove$", makefile, re.MULTILINE)
    assert os.access(script, os.X_OK)
    assert shutil.which("bash")


def test_health_knows_a_worker_by_its_command_line() -> None:
    keeper = [sys.executable, "-m", "deployments.worker", "--environment", "dev"]
    worker = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "p", "--type", "process", "--name", "n"]
    assert worker_of([keeper, worker]) == Worker(pool="p", name="n")
    assert worker_of([keeper]) is None


def test_health_takes_address_and_login_from_the_prepared_profile(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "PREFECT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PREFECT_PROFILES_PATH", str(prepared / "secrets" / "prefect-client"))
    settings = client_settings()
    assert settings["PREFECT_API_AUTH_STRING"] == (prepared / "secrets" / "login").read_text()
    assert re.match(r"http://(\w+):4200/api$", settings["PREFECT_API_URL"])[1] in SERVICES  # type: ignore[index]  # else it fails as well

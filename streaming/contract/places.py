"""Where the project keeps what it makes for itself."""

import os
from pathlib import Path

HOME_VARIABLE = "TILLSTREAM_HOME"
JARS_VARIABLE = "TILLSTREAM_JARS"
FOLDERS_VARIABLE = "TILLSTREAM_ENVIRONMENTS"
CHECKOUT = Path(__file__).resolve().parents[2]


def home() -> Path:
    """The one ignored folder of this installation: servers' data, logs, keys, scratch."""
    return Path(os.environ.get(HOME_VARIABLE) or CHECKOUT / ".tillstream").resolve()


def jars() -> Path:
    """The folder with the server and Spark jars, one subfolder per use (`spark`, `s3`, `database`)."""
    return Path(os.environ.get(JARS_VARIABLE) or CHECKOUT / ".tillstream" / "jars")


def scratch(environment: str) -> Path:
    """What the one writer of an environment may wipe when it starts: checkpoint and shuffle files."""
    return home() / "scratch" / environment


def key_file(environment: str) -> Path:
    """Where an environment's key lies unless $TILLSTREAM_KEY or $TILLSTREAM_KEY_FILE says otherwise."""
    return home() / "keys" / f"{environment}.key"


def environment_folders() -> list[Path]:
    """The folders with environment files, later ones overriding earlier ones."""
    if given := os.environ.get(FOLDERS_VARIABLE):
        return [Path(folder) for folder in given.split(os.pathsep)]
    return [CHECKOUT / "deployments" / "environments", home() / "environments"]

"""`python -m deployments.sbom`: a bill of materials (CycloneDX 1.6 as JSON) of packages, jars and Spark's own jars."""

import importlib.util
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from deployments.jars.folder import CHECKSUMS
from streaming.contract.places import CHECKOUT, home

LOCK = CHECKOUT / "deployments" / "runtime.lock"
FILE = "sbom.json"
PACKAGE = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)", re.MULTILINE)
JAR = re.compile(r"^(?P<name>.+?)-(?P<version>\d[^/]*)\.jar$")


def main() -> int:
    """Write it below the home, and say where."""
    file = home() / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(bill(), encoding="utf-8")
    sys.stdout.write(f"{file}\n")
    return 0


def bill() -> str:
    """The bill as JSON."""
    parts = [*packages(), *fetched_jars(), *jars_of_spark()]
    bom = Bom(components=parts)
    bom.metadata.component = Component(name="tillstream", type=ComponentType.APPLICATION, bom_ref="tillstream")
    bom.register_dependency(bom.metadata.component, parts)
    return JsonV1Dot6(bom).output_as_string(indent=1)


def packages() -> Iterator[Component]:
    """What pip installs to run the project, by the lock."""
    for name, version in PACKAGE.findall(LOCK.read_text(encoding="utf-8")):
        purl = PackageURL("pypi", name=name, version=version)
        yield Component(name=name, version=version, type=ComponentType.LIBRARY, purl=purl, bom_ref=str(purl))


def fetched_jars() -> Iterator[Component]:
    """What is fetched beside it, with the checksums that the fetched files must have."""
    for line in CHECKSUMS.read_text(encoding="utf-8").splitlines():
        checksum, path = line.split()
        yield _jar(path, [HashType(alg=HashAlgorithm.SHA_256, content=checksum)])


def jars_of_spark() -> Iterator[Component]:
    """What the pyspark package brings inside."""
    spec = importlib.util.find_spec("pyspark")
    for place in spec.submodule_search_locations or () if spec else ():
        for jar in sorted((Path(place) / "jars").glob("*.jar")):
            yield _jar(f"pyspark/{jar.name}", ())


def _jar(path: str, hashes: Iterable[HashType]) -> Component:
    match = JAR.match(Path(path).name)
    name, version = (match["name"], match["version"]) if match else (Path(path).stem, None)
    return Component(
        name=name, version=version, type=ComponentType.LIBRARY, hashes=hashes, bom_ref=quote(path), description=path
    )


if __name__ == "__main__":
    sys.exit(main())

"""The bill of materials names all that is locked."""

import json
import re

from deployments.jars.folder import CHECKSUMS
from deployments.sbom import LOCK, bill


def test_the_bill_names_every_package_and_every_jar_once() -> None:
    components = json.loads(bill())["components"]
    packages = {each["purl"] for each in components if each.get("purl", "").startswith("pkg:pypi/")}
    locked = re.findall(r"^([\w.-]+)==([^\s;\\]+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    assert packages == {f"pkg:pypi/{name}@{version}" for name, version in locked}
    sums = [each["hashes"][0]["content"] for each in components if each.get("hashes")]
    assert sorted(sums) == sorted(line.split()[0] for line in CHECKSUMS.read_text(encoding="utf-8").splitlines())
    assert any(each["name"] == "spark-core_2.13" and each["version"] == "4.2.0" for each in components)

"""Fails on each secret in what git tracks, or would: `python -m tests.gates.secrets_scan`.

Two things let a finding through: an inline `pragma: allowlist secret`, and an entry of `.secrets.baseline`.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings

CHECKOUT = Path(__file__).parents[2]
BASELINE = CHECKOUT / ".secrets.baseline"
HASHES = (".lock", ".sha256", BASELINE.name)
"""Files of hashes, which look like secrets and are none."""
NOT_OURS = frozenset({".git", ".venv", ".tillstream"})


def main() -> int:
    """Print each finding; 1 when there is one."""
    found = findings(files())
    for finding in found:
        sys.stdout.write(f"{finding}\n")
    sys.stdout.write(f"secrets: {len(found)} found\n")
    return 1 if found else 0


def files() -> list[str]:
    """What git tracks or would track; where git does not know the folder, all of it but what the project makes."""
    listed = subprocess.run(
        [shutil.which("git") or "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    everything = [str(path.relative_to(CHECKOUT)) for path in CHECKOUT.rglob("*")] if listed.returncode else []
    names = everything or listed.stdout.split("\0")
    return sorted({name for name in names if name and _is_ours(Path(name))})


def findings(names: list[str]) -> list[str]:
    """Each secret in the files that nothing lets through, as `file:line: kind`."""
    secrets = SecretsCollection(root=str(CHECKOUT))
    with default_settings():
        for name in names:
            secrets.scan_file(name)
    known = SecretsCollection.load_from_baseline(json.loads(BASELINE.read_text(encoding="utf-8")))
    return [f"{secret.filename}:{secret.line_number}: {secret.type}" for _, secret in secrets - known]


def _is_ours(name: Path) -> bool:
    is_text_of_ours = (CHECKOUT / name).is_file() and not str(name).endswith(HASHES)
    return is_text_of_ours and not NOT_OURS & set(name.parts)


if __name__ == "__main__":
    sys.exit(main())

"""What Prefect would silently drop or leave empty in prefect.yaml, found before it is deployed."""

import re
from collections.abc import Iterator, Mapping

import yaml

VARIABLE = re.compile(r"\{\{\s*\$(\w+)\s*\}\}")
FLOW_NAMES = (
    "provision",
    "generate_sales",
    "ingest",
    "catch_up",
    "withdraw",
    "reconcile",
    "clean_up",
    "maintain",
    "report",
)
KNOWN_KEYS: Mapping[str, frozenset[str]] = {
    "prefect.yaml": frozenset({"name", "prefect-version", "build", "push", "pull", "definitions", "deployments"}),
    "deployment": frozenset(
        {
            "name",
            "version",
            "tags",
            "description",
            "schedules",
            "concurrency_limit",
            "entrypoint",
            "parameters",
            "enforce_parameter_schema",
            "work_pool",
        }
    ),
    "schedule": frozenset({"cron", "interval", "rrule", "timezone", "anchor_date", "active", "parameters", "slug"}),
    "work_pool": frozenset({"name", "work_queue_name", "job_variables"}),
    "job_variables": frozenset(
        {"env", "stream_output", "working_dir", "command", "image", "image_pull_policy", "auto_remove", "networks"}
    ),
    "concurrency_limit": frozenset({"limit", "collision_strategy", "grace_period_seconds"}),
}
"""The keys that Prefect reads, as far as this project uses them."""

Node = Mapping[str, object]


def faults_in(text: str, variables: Mapping[str, str]) -> Iterator[str]:
    """What Prefect would silently make something else of."""
    for name in sorted(set(VARIABLE.findall(text)) - set(variables)):
        yield f"variable {name} is not set by the deploy command"
    tree = mapping(yaml.safe_load(text))
    yield from _unknown_keys("prefect.yaml", tree)
    listed = entries_of(tree)
    for entry in listed:
        yield from _faults_in_deployment(entry)
    names = {VARIABLE.sub("", str(entry.get("name"))).rstrip("-") for entry in listed}
    yield from (f"flow {name} is not deployed" for name in FLOW_NAMES if name not in names)
    yield from (f"deployment {name} is no flow of this project" for name in sorted(names - set(FLOW_NAMES)))


def entries_of(tree: Node) -> list[Node]:
    """The deployments that a prefect.yaml lists."""
    listed = tree.get("deployments")
    return [mapping(entry) for entry in listed] if isinstance(listed, list) else []


def schedules_of(entry: Node) -> list[Node]:
    """The schedules of one of them."""
    listed = entry.get("schedules")
    return [mapping(schedule) for schedule in listed] if isinstance(listed, list) else []


def mapping(node: object) -> Node:
    """The node if it is a mapping, else an empty one."""
    return node if isinstance(node, dict) else {}


def _faults_in_deployment(entry: Node) -> Iterator[str]:
    yield from _unknown_keys("deployment", entry)
    pool = mapping(entry.get("work_pool"))
    yield from _unknown_keys("work_pool", pool)
    yield from _unknown_keys("job_variables", mapping(pool.get("job_variables")))
    yield from _unknown_keys("concurrency_limit", mapping(entry.get("concurrency_limit")))
    for schedule in schedules_of(entry):
        yield from _unknown_keys("schedule", schedule)
        if "slug" not in schedule:
            yield f"deployment {entry.get('name')}: a schedule has no slug, and could never be taken away"


def _unknown_keys(where: str, node: Node) -> Iterator[str]:
    for key in sorted(set(node) - KNOWN_KEYS[where]):
        yield f"{where} has no key {key!r}: choose from {', '.join(sorted(KNOWN_KEYS[where]))}"

"""The end of a proof: every difference said, shown and kept."""

import logging

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from streaming.contract.errors import ContractError
from streaming.contract.settings import EnvironmentName, read_settings
from streaming.warehouse.proofs import enter_proof
from tasks.events import tell
from tasks.progress import unless_away
from tasks.reconcile.proving import Proof, prove

log = logging.getLogger(__name__)

SHOWN = 1_000


@task(name="prove", task_run_name="prove-{environment}", cache_policy=NO_CACHE)
def prove_books(environment: EnvironmentName, *, full: bool, dry_run: bool = False) -> Proof:
    """Hold the books against each other, say each difference, and keep the result unless nothing is to be changed."""
    settings = read_settings(environment)
    proof = prove(settings, full=full)
    for each in proof.differences:
        log.warning("%s", each.text)
    if not dry_run:
        enter_proof(settings, proof.result)
    log.info("proven, %s", proof)
    return proof


@task(name="tell the differences", task_run_name="differences-{environment}", cache_policy=NO_CACHE)
def tell_differences(environment: EnvironmentName, proof: Proof) -> None:
    """Show what is left as a table artifact.

    Raises:
        ContractError: something is left.
    """
    if not proof.differences:
        return
    rows = [
        {
            "kind": str(each.kind),
            "delivery": each.delivery_id,
            "month": each.month,
            "key": each.key,
            "expected": each.expected,
            "found": each.found,
        }
        for each in proof.differences[:SHOWN]
    ]
    with unless_away():
        create_table_artifact(rows, key=f"differences-{environment}", description="What does not agree")
    count = len(proof.differences)
    tell("reconcile.difference", environment, differences=count, first=proof.differences[0].text)
    raise ContractError(f"{count:,} difference{'s' * (count > 1)}; first: {proof.differences[0].text}")

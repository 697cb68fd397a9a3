"""Reconcile: prove that nothing is lost and nothing counted twice, and mend what is."""

from prefect import flow

from flows.command_line import run_alone
from streaming.contract.errors import UsageError
from streaming.contract.settings import EnvironmentName
from tasks.beginning import begin, end_with_parent
from tasks.reconcile.proving import Proof
from tasks.reconcile.repairing import mend_books, restore_objects
from tasks.reconcile.telling import prove_books, tell_differences


@flow(name="reconcile", flow_run_name="{environment}-reconcile")
def reconcile(
    environment: EnvironmentName = "dev", full: bool = False, repair: bool = False, dry_run: bool = False
) -> Proof:
    """Hold files, ledger, lake and marts against each other from outside the stream, and fail when they differ.

    A stream may be running meanwhile, but not for a repair. Each difference is told with its delivery; those of
    which neither lake nor archive holds the right bytes are left for a person.

    Args:
        environment: Where to do it.
        full: Read everything, in place of what is new since the last proof without differences.
        repair: Mend lake, ledger and marts from the files that rest in archive and landing, and prove again.
        dry_run: With repair, tell what would change, and change nothing.
    """
    begin(environment, secrets_of={"archiver"} if repair else ())
    end_with_parent()
    if dry_run and not repair:
        raise UsageError("a dry run is one of a repair: give --repair too")
    proof = prove_books(environment, full=full, dry_run=dry_run)
    if repair and proof.differences:
        restore_objects(environment, proof, dry_run=dry_run)
        mend_books(environment, proof, dry_run=dry_run)
        proof = proof if dry_run else prove_books(environment, full=full)
    tell_differences(environment, proof)
    return proof


if __name__ == "__main__":
    run_alone(reconcile)

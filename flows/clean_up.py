"""Clean up: settled files to their place of rest, temporary files away."""

from prefect import flow

from flows.command_line import run_alone
from streaming.contract.settings import EnvironmentName
from tasks.archive import Archived, archive_settled
from tasks.beginning import begin
from tasks.temporary import abort_old_uploads, delete_scratch


@flow(name="clean_up", flow_run_name="{environment}-clean_up")
def clean_up(environment: EnvironmentName = "dev") -> Archived:
    """Move files with a verdict from landing to archive or quarantine, and delete what dead runs left behind.

    Files that wait stay where they are. The ledger says where each file rests.

    Args:
        environment: Where to do it.
    """
    begin(environment)
    delete_scratch(environment)
    abort_old_uploads(environment)
    return archive_settled(environment)


if __name__ == "__main__":
    run_alone(clean_up)

"""Clean up: settled files to their place of rest, temporary and expired files away, statuses settled."""

from prefect import flow

from flows.command_line import run_alone
from streaming.contract.settings import EnvironmentName
from tasks.approval import ask_before
from tasks.archive import archive_settled
from tasks.beginning import begin
from tasks.cleaning import Step, StepLine, tell_steps
from tasks.reasons import write_reasons
from tasks.retention import delete_expired
from tasks.staging import settle_holds, tell_staging
from tasks.temporary import abort_old_uploads, delete_scratch


@flow(name="clean_up", flow_run_name="{environment}-clean_up")
def clean_up(environment: EnvironmentName = "dev", expire: bool = False) -> list[StepLine]:
    """Move files with a verdict from landing to archive or quarantine, and delete what dead runs left behind.

    Each quarantined file gets its reason beside it, as `<file>.reason.json`. Files that wait stay where they are. The
    ledger says where each file rests. Once it is begun, a step that fails keeps no other from being done.

    Args:
        environment: Where to do it.
        expire: Also delete archived and quarantined files that are older than the environment's retention; without
            `retention.archive_days` and `quarantine_days` none are. In prod somebody has to approve of it.
    """
    begin(environment, secrets_of={"archiver"})
    if expire:
        ask_before("delete archived and quarantined files that are older than the retention", environment)
    scratch = delete_scratch(environment)
    steps: dict[str, Step] = {
        "old multipart uploads ended": abort_old_uploads(environment, return_state=True),
        "files moved to archive and quarantine": archive_settled(environment, return_state=True),
        "reasons put beside quarantined files": write_reasons(environment, return_state=True),
        **({"expired files deleted": delete_expired(environment, return_state=True)} if expire else {}),
        "held arrivals let go": settle_holds(environment, return_state=True),
    }
    tell_staging(environment, return_state=True)
    return tell_steps(environment, steps, scratch=scratch)


if __name__ == "__main__":
    run_alone(clean_up)

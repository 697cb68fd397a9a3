"""Maintain: few large files in the lake in place of many small ones, and none that no version needs."""

from prefect import flow

from flows.command_line import run_alone
from streaming.contract.chores import ChoreKind
from streaming.contract.settings import EnvironmentName
from streaming.warehouse.chores import ChoreEnd
from tasks.approval import ask_before
from tasks.beginning import begin, end_with_parent
from tasks.upkeep import Fragment, request_chores, see_done, tell_chores, tell_fragments


@flow(name="maintain", flow_run_name="{environment}-maintain")
def maintain(
    environment: EnvironmentName = "dev",
    compact: bool = True,
    vacuum: bool = True,
    wait: bool = True,
    dry_run: bool = False,
) -> list[ChoreEnd] | list[Fragment]:
    """Write the lake's small files together, and delete those that the lake let go longer ago than its retention.

    No row changes. Only one process may write to the lake: where a stream runs it does the work between its batches,
    one partition at a time, and this run waits for it; where none runs one is opened for it.

    Args:
        environment: Where to do it.
        compact: Whether small files are written together.
        vacuum: Whether files are deleted that no version of the last days needs (`retention.lake_hours`). In prod
            somebody has to approve of it.
        wait: Whether to wait when a running stream does it.
        dry_run: Tell which partitions would be compacted, and change nothing.
    """
    begin(environment)
    end_with_parent()
    if dry_run:
        return tell_fragments(environment)
    if vacuum:
        ask_before("delete the lake's files that no version of the last days needs", environment)
    wanted = {ChoreKind.COMPACT: compact, ChoreKind.VACUUM: vacuum}
    asked = request_chores(environment, [kind for kind, is_wanted in wanted.items() if is_wanted])
    see_done(environment, asked, wait=wait)
    return tell_chores(environment, asked)


if __name__ == "__main__":
    run_alone(maintain)

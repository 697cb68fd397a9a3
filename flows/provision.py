"""Provision an environment; safe to repeat."""

from prefect import flow

from flows.command_line import run_alone
from streaming.contract.settings import EnvironmentName
from tasks.beginning import begin
from tasks.provisioning import grant_rights, make_bucket, make_tables, register_blocks, stamp_places


@flow(name="provision", flow_run_name="{environment}-provision")
def provision(environment: EnvironmentName = "dev") -> list[str]:
    """Make an environment's bucket, prefixes, tables and blocks, and give the stream the rights it needs.

    Bucket and database are stamped as the environment's own: no other environment will touch them. Safe to repeat:
    what is there stays as it is, blocks get what the environment's file says now, and the log says what was new.

    Args:
        environment: Where to do it.
    """
    begin(environment, secrets_of={"migrator"})
    return [
        *make_bucket(environment),
        *make_tables(environment),
        *stamp_places(environment),
        *grant_rights(environment),
        *register_blocks(environment),
    ]


if __name__ == "__main__":
    run_alone(provision)

"""Provision an environment; safe to repeat."""

from prefect import flow

from flows.command_line import run_alone
from streaming.contract.settings import EnvironmentName
from tasks.beginning import begin
from tasks.provisioning import grant_rights, make_bucket, make_tables


@flow(name="provision", flow_run_name="{environment}-provision")
def provision(environment: EnvironmentName = "dev") -> list[str]:
    """Make an environment's bucket, prefixes and tables, and give the stream the rights it needs.

    Safe to repeat: what is there stays as it is, and the log says what was new.

    Args:
        environment: Where to do it.
    """
    begin(environment)
    return [*make_bucket(environment), *make_tables(environment), *grant_rights(environment)]


if __name__ == "__main__":
    run_alone(provision)

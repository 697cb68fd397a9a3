"""The work pool of an environment."""

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectNotFound

from streaming.contract.errors import ContractError
from tasks.surroundings import told_if_away


def have_pool(name: str, kind: str) -> None:
    """Make the pool unless it is there.

    Args:
        name: what it is called.
        kind: `process` or `docker`.

    Raises:
        ContractError: it is there, of another kind.
        ServiceAwayError: Prefect's server does not answer.
    """
    with told_if_away(), get_client(sync_client=True) as client:
        try:
            known = client.read_work_pool(name)
        except ObjectNotFound:
            client.create_work_pool(WorkPoolCreate(name=name, type=kind))
            return
    if known.type != kind:
        raise ContractError(f"work pool {name} is of type {known.type}, the environment's file says {kind}")

"""Deployments and schedules that prefect.yaml has no longer: Prefect itself leaves them, and they go on running."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.responses import DeploymentResponse

from streaming.contract.settings import EnvironmentName

TAG = "tillstream"


@dataclass(frozen=True, slots=True)
class Superfluous:
    """A deployment that is to go, or only one of its schedules."""

    deployment: UUID
    name: str
    schedule: UUID | None = None


def prune(environment: EnvironmentName, wanted: Mapping[str, Collection[str]]) -> list[str]:
    """Delete what is deployed for the environment and not wanted; returns what was deleted.

    Args:
        environment: whose deployments.
        wanted: the slugs of the schedules of each deployment that stays, by the deployment's name.
    """
    with get_client(sync_client=True) as client:
        mine = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG, environment]))
        found = list(superfluous(client.read_deployments(deployment_filter=mine), wanted))
        for each in found:
            _delete(client, each)
    return [each.name for each in found]


def superfluous(
    deployed: Collection[DeploymentResponse], wanted: Mapping[str, Collection[str]]
) -> Iterator[Superfluous]:
    """Of what is deployed, that which nobody wants."""
    for deployment in deployed:
        if deployment.name not in wanted:
            yield Superfluous(deployment.id, f"deployment {deployment.name}")
            continue
        for schedule in deployment.schedules:
            if schedule.slug not in wanted[deployment.name] and schedule.id is not None:
                yield Superfluous(deployment.id, f"schedule {schedule.slug} of {deployment.name}", schedule.id)


def _delete(client: SyncPrefectClient, each: Superfluous) -> None:
    if each.schedule is None:
        client.delete_deployment(each.deployment)
    else:
        client.delete_deployment_schedule(each.deployment, each.schedule)

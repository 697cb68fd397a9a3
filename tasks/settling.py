"""Have selected deliveries settled, whoever does it."""

from streaming.contract.deliveries import Selection
from streaming.contract.settings import EnvironmentName
from tasks.door import Orders
from tasks.landing import Fate, await_verdicts, fates_of
from tasks.progress import call_run
from tasks.supervision import keep_streaming


def see_settled(
    environment: EnvironmentName, delivery_ids: list[int], selection: Selection, *, wait: bool
) -> list[Fate]:
    """Open the stream for a selection, or leave it to the stream that runs; what became of its deliveries.

    Args:
        environment: where to do it.
        delivery_ids: the deliveries that the selection takes; nothing is opened for none.
        selection: what the stream is to take.
        wait: whether to wait for a stream that runs already.
    """
    if delivery_ids:
        run = keep_streaming(Orders(environment=environment, trigger="available_now", selection=selection))
        if run.busy and wait:
            await_verdicts(environment, delivery_ids, selection)
    fates = fates_of(environment, delivery_ids)
    call_run(", ".join(f"{fate.deliveries} {fate.status}" for fate in fates) or "nothing to do")
    return fates

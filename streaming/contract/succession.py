"""Who has a key after a batch: its newest version that can be read, until that is withdrawn."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streaming.contract.deliveries import Delivery, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """What a batch changes among the holders of its keys: the deliveries that count, or are duplicates, under them.

    winners: of each key that gets a new holder, that delivery of the batch.
    outdated: a delivery of the batch that comes too late, to the newer holder.
    superseded: a holder that gives way, to the winner.
    withdrawn: a holder that is taken out, to its withdrawal.
    """

    winners: Mapping[str, Delivery]
    outdated: Mapping[int, int]
    superseded: Mapping[int, int]
    withdrawn: Mapping[int, int]

    @property
    def causes(self) -> dict[int, int]:
        """Every holder that is one no more, to the delivery that is the cause."""
        return {**self.superseded, **self.withdrawn}

    def rival(self, delivery: Delivery) -> int | None:
        """The id of the newer version of a delivery's key; None when the delivery has won it."""
        winner = self.winners.get(delivery.object_key)
        if winner is not None and winner.delivery_id == delivery.delivery_id:
            return None
        return self.outdated.get(delivery.delivery_id) or (winner.delivery_id if winner else None)


def succession(readable: Iterable[Delivery], holders: Iterable[Delivery], withdrawals: Mapping[int, int]) -> Succession:
    """Who wins each key, as if the batch came one delivery after the other, in the order of their ids.

    Args:
        readable: the loads of the batch that can be read.
        holders: the deliveries that count, or are duplicates, under the keys of the batch, before it.
        withdrawals: the withdrawals of the batch: what is withdrawn, to what withdraws it.
    """
    of_key: defaultdict[str, list[Delivery]] = defaultdict(list)
    for holder in holders:
        of_key[holder.object_key].append(holder)
    winners: dict[str, Delivery] = {}
    outdated: dict[int, int] = {}
    for delivery in sorted(readable, key=lambda d: d.version):
        newer = [h for h in _left(of_key[delivery.object_key], delivery, withdrawals) if _outdates(h, delivery)]
        if newer:
            outdated[delivery.delivery_id] = max(newer, key=lambda h: h.version).delivery_id
        else:
            winners[delivery.object_key] = delivery
    superseded = {
        holder.delivery_id: winner.delivery_id
        for key, winner in winners.items()
        for holder in _left(of_key[key], winner, withdrawals)
        if _gives_way(holder, winner)
    }
    ids = {holder.delivery_id for holding in of_key.values() for holder in holding}
    withdrawn = {target: by for target, by in withdrawals.items() if target in ids and target not in superseded}
    return Succession(winners=winners, outdated=outdated, superseded=superseded, withdrawn=withdrawn)


def _left(holders: Iterable[Delivery], delivery: Delivery, withdrawals: Mapping[int, int]) -> list[Delivery]:
    """The holders of a key that no withdrawal before the delivery takes out."""
    turn = delivery.delivery_id
    return [h for h in holders if withdrawals.get(h.delivery_id, turn) >= turn]


def _outdates(holder: Delivery, delivery: Delivery) -> bool:
    """An older version neither brings other bytes back nor takes the place of newer ones that count."""
    is_other = holder.content != delivery.content
    return holder.version > delivery.version and (is_other or holder.status is Status.PROCESSED)


def _gives_way(holder: Delivery, winner: Delivery) -> bool:
    """To other bytes, or to the same ones loaded again."""
    is_reloaded = holder.status is Status.PROCESSED and not winner.is_fresh
    return is_reloaded or holder.content != winner.content

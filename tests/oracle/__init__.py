"""The data contract told a second time, in plain Python, to check the first telling.

Written from docs/data-contract.md alone with the standard library; it shares no code with the project.
`replay` is its door: deliveries in, verdicts, facts, rejects and marts out.
"""

from tests.oracle.history import replay
from tests.oracle.model import Delivery, Fact, Limits, Outcome, Reject, Shop, World

__all__ = ["Delivery", "Fact", "Limits", "Outcome", "Reject", "Shop", "World", "replay"]

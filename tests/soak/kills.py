"""Kill the door and clean-up at random moments while files, corrections and withdrawals arrive; then count everything.

    python -m tests.soak.kills --kills 60 --seed 1

It has servers and a home of its own. The exit code is 1 where anything differs from the model.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from streaming.contract.places import CHECKOUT, home
from tests.bench.stage import own_servers
from tests.kills.weapon import CLEAN_UP, DOOR
from tests.shop import Shop, open_shop
from tests.soak.trade import Trade
from tests.stateful.reckoning import differences

LONGEST_RUN_SECONDS = 240
EARLIEST, LATEST = 0.1, 1.3
"""When a child may be killed, as shares of the time that a whole run takes."""
STARTS_WITHOUT_A_KILL = 3
"""Of every start that many times the number of kills at most: more means that the children die by themselves."""


@dataclass(slots=True)
class Killer:
    """Starts children and kills them after a random time, within what a whole run takes."""

    random: random.Random
    whole_run: float
    ends: Counter[str] = field(default_factory=Counter)

    def run(self, name: str, *arguments: str, whole: float) -> bool:
        """One child; True when it was killed before it ended by itself."""
        delay = self.random.uniform(EARLIEST, LATEST) * whole
        with (home() / f"{name}.log").open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, *arguments], cwd=CHECKOUT, stdout=log, stderr=log, start_new_session=True
            )
        try:
            code = child.wait(delay)
        except subprocess.TimeoutExpired:
            how = self._kill(child)
            self.ends[f"{name} killed, {how}"] += 1
            tell(f"{name} killed after {delay:.1f} s, {how}")
            return True
        self.ends[f"{name} ended with {code}"] += 1
        return False

    def _kill(self, child: subprocess.Popen[bytes]) -> str:
        """SIGKILL to the child alone, whose JVM then finds itself an orphan, or to its whole session."""
        if self.random.random() < 0.5:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            return "alone"
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        return "with its session"


def main() -> int:
    """Run it; 0 when nothing was lost and nothing counted twice."""
    arguments = _arguments()
    tell(f"seed {arguments.seed}, {arguments.kills} kills")
    with own_servers("tillstream-kills-") as folder, open_shop(folder) as shop:
        return verdict(shop, kills=arguments.kills, seed=arguments.seed)


def verdict(shop: Shop, *, kills: int, seed: int) -> int:
    """Kill, drain, compare; how many differences there are."""
    chance = random.Random(seed)  # noqa: S311  repeatable is what it should be
    trade = Trade(shop, chance)
    killer = Killer(chance, whole_run=undisturbed(trade))
    killed = storm(trade, killer, kills=kills)
    drain(trade)
    found = differences(shop, trade.bodies)
    for line in found:
        tell(f"DIFFERENCE: {line}")
    counts = Counter(str(row["status"]) for row in shop.deliveries())
    tell(f"{killed} of {kills} kills of the door; {dict(killer.ends)}")
    tell(f"{trade.told()}; deliveries: {dict(counts)}; facts: {len(shop.facts())}")
    tell(f"{len(found)} differences" if found or killed < kills else "nothing lost, nothing counted twice")
    return int(bool(found) or killed < kills)


def undisturbed(trade: Trade) -> float:
    """Seconds of a whole run of the door."""
    trade.go_on()
    began = time.monotonic()
    tell(f"a whole run ends with {_patiently(DOOR)} after {time.monotonic() - began:.1f} s")
    return time.monotonic() - began


def storm(trade: Trade, killer: Killer, *, kills: int) -> int:
    """Let files arrive and children die until the door was killed so many times; how often it was."""
    killed = 0
    for number in range(kills * STARTS_WITHOUT_A_KILL):
        trade.go_on()
        trigger = killer.random.choice(("available-now", "continuous"))
        killed += killer.run("door", *DOOR, "--trigger", trigger, whole=killer.whole_run)
        if killed == kills:
            break
        if killer.random.random() < 0.4:
            killer.run("clean-up", *CLEAN_UP, whole=4.0)
        if number % 10 == 9:
            tell(f"{killed} kills so far; {trade.told()}")
    return killed


def drain(trade: Trade) -> None:
    """Load and archive all that is there, undisturbed; twice, as the first clean-up may free what the second takes."""
    for _ in range(2):
        for arguments in (DOOR, CLEAN_UP):
            began = time.monotonic()
            code = _patiently(arguments)
            tell(f"drained by {arguments[1][:12]}…: exit code {code}, {time.monotonic() - began:.1f} s")
        trade.pause()


def _patiently(arguments: tuple[str, ...]) -> int:
    """Run a child to its end; a writer that is still dying keeps the environment busy for a moment."""
    for _ in range(5):
        with (home() / "drain.log").open("ab") as log:
            code = subprocess.run(
                [sys.executable, *arguments],
                cwd=CHECKOUT,
                stdout=log,
                stderr=log,
                timeout=LONGEST_RUN_SECONDS,
                check=False,
            ).returncode
        if code == 0:
            return 0
        time.sleep(2)
    return code


def tell(line: str) -> None:
    """Progress, for whoever watches."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

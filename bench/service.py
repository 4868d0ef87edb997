"""(j) The service beside the loop: what a snapshot of 200 devices and a live message cost, how long a year takes."""

import random
import tempfile
import time
from array import array
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median

from bench.measure import Figure, seconds
from bench.tick import devices
from controller.service import balance, live, tiers
from controller.service.figures import FLOWS, HOUSE
from controller.service.history import History
from controller.service.snapshot import Taker
from rigs import home as house
from rigs.serve import LOOK

BEGIN, DAYS = 1_735_689_600, 365  # 2025 in UTC


def service(looks: int, rounds: int) -> list[Figure]:
    """`looks` snapshots while 200 devices are read in virtual time; `rounds` of reading a year."""
    home = house.home(devices(list(range(1, 201))), days=1)
    home.start()
    home.rig.run(house.MIDNIGHT + 15.0)
    taker = Taker(home.hem)
    taken, written = [], []
    for _ in range(looks):
        home.rig.run(float(home.rig.env.now) + LOOK)
        taken.append(seconds(taker.take))
        shown = taker.take()
        written.append(seconds(partial(live.message, shown, list(shown.devices.values()))))
    with tempfile.TemporaryDirectory() as folder:
        history = year(Path(folder) / "history.sqlite")
        end = BEGIN + DAYS * tiers.DAY
        read = [_wall(lambda: history.points(HOUSE, "import", BEGIN, end, tiers.QUARTER)) for _ in range(rounds)]
        balanced = [
            _wall(lambda: balance.balance(history, "year", date(2025, 6, 15), "Europe/Berlin")) for _ in range(rounds)
        ]
        history.close()
    return [
        Figure("snapshots of 200 devices, share of the loop's time", 100 * sum(taken) / len(taken) / LOOK, "%", "<= 5"),
        Figure("live message of all of 200 devices", 1000 * median(written), "ms"),
        Figure("a year of quarter-hours", 1000 * median(read), "ms", "<= 300"),
        Figure("balance and cost of a year", 1000 * median(balanced), "ms", "<= 300"),
    ]  # fmt: skip


def year(file: Path) -> History:
    """History of a year of the house's flows among 800 series."""
    history, luck = History(file), random.Random(1)
    keys = [(HOUSE, name) for name in (*FLOWS, "price")] + [(f"device {n}", "power") for n in range(793)]
    history.write({BEGIN + DAYS * tiers.DAY: dict.fromkeys(keys, 0.5)})
    blob = array("d", [luck.random() * 5000 for _ in range(tiers.SLOTS)]).tobytes()
    with history._database.write() as writer:
        days = [BEGIN + day * tiers.DAY for day in range(DAYS)]
        writer.executemany(
            "INSERT INTO quarters VALUES (?, ?, ?)", [(n, day, blob) for day in days for n in range(len(keys))]
        )
        writer.execute("REPLACE INTO done VALUES ('quarters', ?)", (BEGIN + DAYS * tiers.DAY,))
    return history


def _wall(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin

"""A house in virtual time with what its service sees of it."""

from typing import Any

import pytest

from controller.service.exchange import Exchange
from controller.service.snapshot import Snapshot, Taker
from controller.sitefile import check
from rigs import home as house
from rigs.home import Home

NOON = 12 * 3600.0
HOUSE: dict[str, Any] = {
    "site": {"name": "Haus am See", "annual_load": 4_200_000},
    "device": [
        {"name": "roof", "row": 1, "model": "STP 8.0", "peak_power": 9200},
        {"name": "battery", "row": 53, "capacity": 9600, "peak_power": 5400},
        {"name": "wallbox", "row": 65, "protocol": "modbus-tcp", "car": 8000},
        {"name": "grid", "row": 112, "function": "grid-meter"},
        {"name": "rod", "row": 136, "hot_water": 7000},
        {"name": "operator", "row": 143, "patterns": {"0000": 100, "1000": 100, "0100": 60, "0010": 30, "0001": 0}},
        {"name": "prices", "row": 147},
    ],
}


class Served:
    """A house and its exchange. Time passes only here; every second a snapshot is published and commands are taken."""

    def __init__(self, data: dict[str, Any] | None = None, at: float = NOON, start: float = house.MIDNIGHT) -> None:
        self.home: Home = house.home(check(data or HOUSE), days=2, start=start + at)
        self.exchange = Exchange()
        self.taker = Taker(self.home.hem)
        self.home.start()
        self.home.rig.run(self.now + 0.001)

    @property
    def now(self) -> float:
        return float(self.home.rig.env.now)

    def run(self, seconds: float, each: float = 1.0) -> Snapshot:
        """The last snapshot after so many seconds, one `each` s."""
        end = self.now + seconds
        while self.now < end:
            self.home.rig.run(min(self.now + each, end))
            self.exchange.obey(self.home.hem)
            self.exchange.publish(self.taker.take())
        assert self.exchange.latest is not None
        return self.exchange.latest


@pytest.fixture
def served() -> Served:
    return Served()

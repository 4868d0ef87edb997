"""Fuses, cars, rods and batteries in a small house of second-by-second physics, its meter and devices a second late."""

from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from controller.sitefile import Site, check
from controller.strategy import charging, fuses, heating, regulation
from controller.strategy.claims import Claim, Envelope, resolve
from controller.strategy.view import Seen, View

FOLLOWS = 2  # s until a device does what it is told
LATE = 1  # s that readings are old


@dataclass
class House:
    """Cars draw what they are offered, `uses` phases of it. `load`: A a phase that nobody steers; `sun` in W."""

    site: Site
    uses: dict[str, int]
    load: tuple[float, float, float] = (1.0, 1.0, 1.0)
    sun: float = 0.0
    charge: float = 50.0  # % in the battery
    stations_tell: bool = True
    now: float = 0.0
    told: dict[str, float] = field(default_factory=dict)
    memories: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._orders: deque[dict[str, float]] = deque([{}] * FOLLOWS, maxlen=FOLLOWS)
        self._views: deque[dict[str, Seen]] = deque(maxlen=LATE + 1)

    @property
    def phases(self) -> list[float]:
        """A that the grid gives on each phase."""
        doing = self._orders[0]
        rest = (doing.get("rod", 0.0) - self.sun - doing.get("battery", 0.0)) / 690.0
        cars = [sum(doing.get(name, 0.0) for name, uses in self.uses.items() if phase < uses) for phase in range(3)]
        return [load + rest + taken for load, taken in zip(self.load, cars, strict=True)]

    @property
    def grid(self) -> float:
        return 230.0 * sum(self.phases)

    def tick(self) -> None:
        """One second: everybody is read, everything is decided, what was told before is done."""
        self._views.append(self._seen())
        view = View(1.75e9 + self.now, self.now, self._views[0])
        claims: list[Claim] = []
        for rule in (charging, heating, regulation):
            memory = self.memories.get(rule.__name__) or rule.Memory()
            found, self.memories[rule.__name__] = rule.claims(view, self.site, memory)
            claims += found
        bounds, self.memories["fuses"] = fuses.claims(
            view, self.site, self.memories.get("fuses", fuses.Memory()), claims
        )  # fmt: skip
        envelopes: dict[Any, Envelope] = {(name, "current"): Envelope(0.0, 16.0, 6.0) for name in self.uses}
        envelopes |= {("rod", "load"): Envelope(0.0, 3000.0), ("battery", "battery"): Envelope(-5000.0, 5000.0)}
        resolved = resolve([*claims, *bounds], envelopes, self.now)
        self.told = {name: found.value or 0.0 for (name, _), found in resolved.items()}
        self._orders.append(self.told)
        self.now += 1.0

    def _seen(self) -> dict[str, Seen]:
        doing, found = self._orders[0], self.phases
        meter = {f"current_l{phase}": abs(each) for phase, each in enumerate(found, 1)}
        meter |= {f"power_l{phase}": 230.0 * each for phase, each in enumerate(found, 1)} | {"power": self.grid}
        battery = {"battery_power": doing.get("battery", 0.0), "soc": self.charge}
        seen = [
            Seen("grid", "grid-meter", meter),
            Seen("battery", "battery", battery, 5000.0, can=frozenset({"charge", "discharge"})),
            Seen("rod", "heater", {"power": doing.get("rod", 0.0)}, 3000.0, can=frozenset({"set_power"})),
            *(self._car(name, uses, doing.get(name, 0.0)) for name, uses in self.uses.items()),
        ]
        return {each.name: each for each in seen}

    def _car(self, name: str, uses: int, drawn: float) -> Seen:
        reading: dict[str, Any] = {"plugged": True, "power": 230.0 * uses * drawn}
        if self.stations_tell:
            reading |= {f"current_l{phase}": drawn if phase <= uses else 0.0 for phase in (1, 2, 3)}
        return Seen(name, "charger", reading, 11_000.0, can=frozenset({"limit_current"}))


def house(cars: dict[str, dict], uses: dict[str, int], fuse: float = 35.0, **more: Any) -> House:
    devices = [
        {"name": "grid", "row": 112, "function": "grid-meter"},
        {"name": "rod", "row": 136},
        {"name": "battery", "row": 53, "battery": {"regulation": "controller"}},
        *({"name": name, "row": 65, "charging": each} for name, each in cars.items()),
    ]
    return House(check({"site": {"fuse": fuse}, "device": devices}), uses, **more)


@pytest.mark.parametrize("stations_tell", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_no_fuse_carries_too_much_for_longer_than_the_devices_take_to_follow(seed: int, stations_tell: bool):
    random = Random(seed)
    cars = {"left": {"mode": "fast"}, "right": {"mode": "fast"}, "far": {"priority": 2}}
    uses = {name: random.choice([1, 2, 3]) for name in cars}
    small = house(cars, uses, fuse=25.0, stations_tell=stations_tell, charge=0.0)
    over = longest = 0
    for second in range(1800):
        if second % 45 == 0:
            small.load = (random.uniform(0, 24), random.uniform(0, 24), random.uniform(0, 24))
            small.sun = random.choice([0.0, 0.0, 7000.0])
        small.tick()
        over = over + 1 if max(small.phases) > 25.0 + 1e-6 else 0
        longest = max(longest, over)
    assert longest <= FOLLOWS + LATE + 1


def test_a_fast_car_gets_nearly_all_that_the_fuse_leaves():
    small = house({"car": {"mode": "fast"}}, {"car": 3}, fuse=20.0, load=(9.5, 3.0, 3.0), charge=0.0)
    offered = []
    for _ in range(300):
        small.tick()
        offered.append(small.told["car"])
    assert set(offered[20:]) == {10.0}


def test_sun_is_spent_on_car_rod_and_battery_and_little_is_bought():
    small = house({"car": {}}, {"car": 3})
    bought = sold = 0.0
    for second in range(3600):
        small.sun = 9000.0 if second < 1800 else 2400.0
        small.tick()
        bought += max(small.grid, 0.0) / 3600
        sold += max(-small.grid, 0.0) / 3600
    assert bought < 100.0  # Wh
    assert sold < 200.0
    assert small.told["car"] == 0.0


def test_two_cars_share_the_sun_until_one_is_full():
    small = house({"left": {}, "right": {}}, {"left": 3, "right": 3}, sun=10_000.0, charge=100.0)
    for _ in range(300):
        small.tick()
    assert small.told["left"] == small.told["right"] == 6.0
    small.uses["left"] = 0
    for _ in range(120):
        small.tick()
    assert small.told["right"] == 13.0


@pytest.mark.parametrize("sun", [4000.0, 6777.0, 9000.0])
def test_rod_and_battery_do_not_answer_the_same_sun_and_the_grid_comes_to_rest(sun: float):
    small = house({}, {})
    seen = []
    for second in range(400):
        small.sun = 0.0 if second < 30 else sun
        small.tick()
        seen.append(small.grid)
    assert max(map(abs, seen[-120:])) < 150.0 or small.told["battery"] == -5000.0
    assert max(seen[-120:]) < 60.0
    rod = sun - 690.0 - 5000.0
    assert small.told["rod"] == pytest.approx(min(max(rod, 0.0), 3000.0), abs=120.0)

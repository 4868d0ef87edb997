"""What a marketer is shown of the house."""

import struct
from collections.abc import Callable
from typing import Any

import pytest

from controller.installation import controller
from controller.members import Setpoint
from controller.sitefile import check
from controller.strategy.showing import shown
from controller.strategy.signals import Signal
from controller.strategy.view import Seen, View
from rigs.simulated import SimClock, environment

SITE = check({
    "device": [
        {"name": "roof", "row": 1, "model": "STP 10.0", "peak_power": 12_000.0}, {"name": "old", "row": 39},
        {"name": "new", "row": 40}, {"name": "grid", "row": 112, "function": "grid-meter"},
        {"name": "trader", "row": 144},
    ]
})  # fmt: skip


def house(*signals: Signal, setpoints: tuple[Setpoint, ...] = (), **readings: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, dict[str, Any]] = {
        "roof": {"power": 71_300.0}, "old": {"battery_power": -1500.0, "soc": 80.0, "capacity": 5000.0},
        "new": {"battery_power": 400.0, "soc": 50.0, "capacity": 15_000.0}, "grid": {"power": -2345.0},
    } | readings  # fmt: skip
    functions: Any = {"roof": "pv", "old": "battery", "new": "battery", "grid": "grid-meter", "trader": "marketer"}
    seen = {name: Seen(name, function, told.get(name, {})) for name, function in functions.items()}
    return shown(View(0.0, 0.0, seen), SITE, signals, setpoints)


def limit(source: str, watts: float) -> Signal:
    return Signal(source, "feed-in", watts, "W", 0.0, 0.0, "")


def test_sums_and_the_charge_of_all_batteries_together() -> None:
    found = house()
    assert (found["grid_power"], found["pv_power"], found["battery_power"]) == (-2345.0, 71_300.0, -1100.0)
    assert (found["soc"], found["installed_power"], found["available_power"]) == (57.5, 12_000.0, 71_300.0)
    assert (found["effective_limit"], found["effective_setpoint"], found["limited_by"]) == (None, None, "")


def test_a_sum_of_which_a_part_is_unknown_is_unknown() -> None:
    found = house(old={"soc": None})
    assert (found["battery_power"], found["soc"], found["pv_power"]) == (None, None, 71_300.0)


def test_a_battery_behind_an_inverter_is_no_sun() -> None:
    assert house(roof={"power": 3217.0, "battery_power": 1000.0})["pv_power"] == 2217.0
    assert house(roof={"power": -500.0, "battery_power": -900.0})["pv_power"] == 400.0


@pytest.mark.parametrize(("operator", "who"), [(3000.0, "grid operator"), (9000.0, "direct marketer")])
def test_the_lowest_limit_is_in_force_and_its_author_named(operator: float, who: str) -> None:
    found = house(limit("receiver", operator), limit("trader", 4321.5))
    assert (found["effective_limit"], found["limited_by"]) == (min(operator, 4321.5), who)
    assert found["available_power"] is None


def test_what_batteries_are_told_is_one_signed_set_value() -> None:
    told = (
        Setpoint("old", "charge", 1234.5, ""),
        Setpoint("new", "discharge", 1000.0, ""),
        Setpoint("roof", "limit_power", 1.0, ""),
    )
    assert house(setpoints=told)["effective_setpoint"] == -234.5


class Place:
    """Where a marketer's requests arrive."""

    def __init__(self, clock: SimClock) -> None:
        self.clock = clock
        self.handler: Callable[[int, bytes], bytes] = lambda unit, pdu: b""

    def answer(self, handler: Callable[[int, bytes], bytes]) -> None:
        self.handler = handler

    async def asked(self, timeout: float) -> None:
        await self.clock.sleep(timeout)

    def value(self, address: int) -> int:
        return int.from_bytes(self.handler(2, struct.pack(">BHH", 3, address, 2))[2:], "big", signed=True)


def test_the_controller_shows_the_house_to_a_driver_that_can_show_it() -> None:
    env = environment()
    place: Any = Place(SimClock(env))
    site = check({"site": {"firmware": "3.1.0"}, "device": [{"name": "trader", "row": 144}]})
    hem = controller(site, [(place, site.device)], place.clock)
    for process in (hem.serve(hem.lines[0]), hem.steer()):
        env.process(process)  # type: ignore[arg-type]
    env.run(until=env.now + 3)
    assert (place.value(14), place.value(16)) == (-(1 << 31), -1)  # nobody had called
    command = struct.pack(">BHHB6i", 16, 100, 12, 24, 1, -1, 2500, -(1 << 31), 900, 1)
    place.handler(2, command)
    env.run(until=env.now + 4)
    assert (place.value(14), place.value(16), place.value(2)) == (0, 2500, 0x1 | 0x4)

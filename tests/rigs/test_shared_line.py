"""Many devices on one RS-485 line: all are heard, and one that is dead costs the others next to nothing."""

from typing import Any

import pytest

from bench import saturation
from controller.installation import controller
from controller.sitefile import check
from rigs.estate import settle
from rigs.simulated import START, SimulatedRig

LINE = {"device": "/dev/bus", "baud": 19_200, "parity": "E", "stop": 1}
SETTLED = 300.0  # s after the start


def bus(meters: int, seconds: float, *, without: str = "", dead: str = "") -> Any:
    """A controller on a line with meters and a charging station, one of them missing or dead, and rounds by device."""
    devices = [{"name": f"meter {unit}", "row": 112, "unit": unit, "line": LINE} for unit in range(1, meters + 1)]
    devices.append({"name": "charger", "row": 75, "unit": 31, "charging": {"mode": "none"}, "line": LINE})
    site = check({"device": [each for each in devices if each["name"] != without]})
    rig = SimulatedRig()
    estate = settle(site, rig.clock.monotonic, days=1)
    hem = controller(site, estate.wire(rig.connect), rig.clock)
    if dead:
        estate.installations[dead].main.faults.on("half-open")
    assert len(hem.lines) == 1
    rig.start(hem.serve(hem.lines[0]))
    rig.start(hem.steer())
    rig.run(START + SETTLED)
    rounds: dict[str, int] = {}
    for member in hem.members.values():
        _count(member.driver, member.name, rounds)
    rig.run(START + SETTLED + seconds)
    return hem, rounds


def _count(driver: Any, name: str, rounds: dict[str, int]) -> None:
    read = driver.read

    async def counted() -> Any:
        found = await read()
        rounds[name] = rounds.get(name, 0) + 1
        return found

    driver.read = counted


def test_thirty_one_devices_share_a_line_and_each_is_heard():
    hem, rounds = bus(30, 60.0)
    assert {member.state for member in hem.members.values()} == {"online"}
    assert min(rounds.values()) > 0.95 * max(rounds.values())


def test_a_dead_device_takes_less_than_two_percent_of_the_line():
    _, healthy = bus(12, 900.0, without="meter 7")
    hem, rounds = bus(12, 900.0, dead="meter 7")
    assert hem.members["meter 7"].state == "offline"
    assert rounds["meter 8"] > 0.98 * healthy["meter 8"]
    assert rounds["charger"] > 0.98 * healthy["charger"]


def test_a_round_that_comes_late_is_caught_up():
    _, rounds = bus(18, 300.0)  # every tenth round, in which the counters are read too, takes more than a second
    assert min(rounds.values()) >= 299


@pytest.mark.parametrize("baud", [9600, 19_200, 115_200])
def test_a_line_that_is_asked_without_rest_carries_what_its_bit_rate_allows(baud):
    assert 0.95 < saturation.scheduled(baud, 10.0) <= 1.0

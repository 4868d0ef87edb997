"""The Heidelberg Energy Control driver: states, failsafe before watchdog, nothing written twice."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from controller.drivers.heidelberg import HeidelbergEnergyControl
from controller.errors import NotControllable, Refused, WrongDevice
from rigs.simulated import SimClock, environment, run

INPUT = {
    4: 0x108, 5: 7, 6: 159, 7: 160, 8: 158, 9: 0xFFCE, 10: 231, 11: 229, 12: 230, 13: 1, 14: 11_003, 15: 0, 16: 5000,
    17: 1, 18: 54_465, 100: 16, 101: 6, 200: 1, 203: 0x106,
}  # fmt: skip
HOLDING = {257: 15_000, 258: 0, 259: 1, 261: 160, 262: 0}


class Box:
    """Registers of functions 3 and 4, and what was written."""

    def __init__(self, changes: dict[int, int] | None = None, without: tuple[int, ...] = ()) -> None:
        changes = changes or {}
        self.words = {(4, address): value for address, value in INPUT.items()}
        self.words |= {(3, address): value for address, value in HOLDING.items()}
        self.words |= {(3 if address in HOLDING else 4, address): value for address, value in changes.items()}
        self.words = {key: value for key, value in self.words.items() if key[1] not in without}
        self.written: list[tuple[int, int]] = []

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        keys = [(function, address + at) for at in range(count)]
        if any(key not in self.words for key in keys):
            raise Refused(2, unit=unit, address=address)
        return b"".join(self.words[key].to_bytes(2, "big") for key in keys)

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        assert (unit, function, len(data)) == (1, 6, 2)
        self.words[3, address] = int.from_bytes(data, "big")
        self.written.append((address, self.words[3, address]))


def box(
    changes: dict[int, int] | None = None, without: tuple[int, ...] = ()
) -> tuple[Box, HeidelbergEnergyControl, Callable[[Coroutine[Any, Any, Any]], Any]]:
    env, line = environment(), Box(changes, without)
    return line, HeidelbergEnergyControl(line, SimClock(env), row=75), lambda story: run(env, story)


def test_a_charging_box_tells_its_quantities() -> None:
    _, heidelberg, do = box()
    reading = do(heidelberg.read())
    assert (reading["power"], reading["energy"], reading["current_l1"]) == (11_003, 120_001, 15.9)
    assert (reading["temperature"], reading["voltage_l2"]) == (-5.0, 229)
    assert (reading["vehicle"], reading["plugged"], reading["current_limit"]) == ("C", True, 16)
    assert (reading["enabled"], reading["status"]) == (True, "running")


@pytest.mark.parametrize(
    ("code", "vehicle", "plugged"),
    [(2, "A", False), (4, "B", True), (6, "C", True), (8, "C", True), (9, "E", None), (10, "F", None), (1, None, None)],
)
def test_in_states_of_failure_it_is_unknown_whether_a_vehicle_is_there(
    code: int, vehicle: str | None, plugged: bool | None
) -> None:
    _, heidelberg, do = box({5: code})
    reading = do(heidelberg.read())
    assert (reading["vehicle"], reading["plugged"]) == (vehicle, plugged)


def test_the_first_limit_ends_standby_and_sets_the_failsafe_before_the_watchdog() -> None:
    line, heidelberg, do = box()
    do(heidelberg.limit_current(10.06))
    do(heidelberg.limit_current(25))
    do(heidelberg.limit_current(5.9))
    assert line.written == [(258, 4), (262, 60), (257, 30_000), (261, 100), (261, 160), (261, 0)]


def test_a_box_that_has_kept_its_settings_is_not_written_again() -> None:
    line, heidelberg, do = box({258: 4, 262: 60, 257: 30_000, 100: 13})
    do(heidelberg.limit_current(15))
    assert line.written == [(261, 130)]


def test_release_gives_full_current_and_then_ends_the_watchdog_once() -> None:
    line, heidelberg, do = box({258: 4, 262: 60, 257: 30_000})
    do(heidelberg.limit_current(7))
    do(heidelberg.release())
    do(heidelberg.release())
    assert line.written == [(261, 70), (261, 160), (257, 0), (261, 160)]


def test_layout_1_0_7_cannot_tell_its_standby_so_it_is_written() -> None:
    line, heidelberg, do = box({4: 0x107, 262: 60, 257: 30_000}, without=(258,))
    do(heidelberg.pause())
    assert line.written == [(258, 4), (261, 0)]


def test_an_older_layout_can_only_be_read() -> None:
    line, heidelberg, do = box({4: 0x106}, without=(261, 262))
    assert do(heidelberg.read())["current_limit"] is None
    with pytest.raises(NotControllable, match=r"1\.0\.7"):
        do(heidelberg.limit_current(10))
    assert line.written == []


def test_it_knows_the_box_by_its_layout_and_switches() -> None:
    _, heidelberg, do = box({100: 10})
    who = do(heidelberg.identify())
    assert (who.model, who.firmware, who.rated_power) == ("Energy Control", "262", 6900)
    for changes, without in (({4: 0x200}, ()), ({100: 230}, ()), ({}, (4,))):
        _, heidelberg, do = box(changes, without)
        with pytest.raises(WrongDevice):
            do(heidelberg.identify())


def test_a_box_that_does_not_tell_its_largest_current_is_read_all_the_same() -> None:
    _, heidelberg, do = box(without=(100, 9))
    who, reading = do(heidelberg.identify()), do(heidelberg.read())
    assert (who.model, who.rated_power) == ("Energy Control", None)
    assert (reading["power"], reading["temperature"], reading["vehicle"]) == (11_003, None, "C")

"""The AC THOR driver: power scaled to the rod, refreshed in half the device's time-out, nothing else written."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from controller.drivers.mypv import AcThor
from controller.errors import Refused, WrongDevice
from rigs.simulated import SimClock, environment, run

HEATING = {1000: 1234, 1001: 473, 1003: 9, 1004: 30, 1016: 106, 1060: 2962, 1061: 231, 1062: 53, 1064: 50_010, 1077: 1}
SERIAL = b"2001001234567890"


class Thor:
    """Registers 1000 to 1077 with gaps that read as 0, as the maker's device does."""

    def __init__(self, changes: dict[int, int] | None = None, last: int = 1077, without: tuple[int, ...] = ()) -> None:
        self.words = dict.fromkeys(range(1000, last + 1), 0) | {k: v for k, v in HEATING.items() if k <= last}
        self.words |= {1018 + at: int.from_bytes(SERIAL[2 * at : 2 * at + 2], "big") for at in range(8)}
        self.words |= changes or {}
        self.without = without
        self.written: list[tuple[int, int]] = []

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        assert (unit, function) == (1, 3)
        wanted = range(address, address + count)
        if any(each not in self.words or each in self.without for each in wanted):
            raise Refused(2, unit=unit, address=address)
        return b"".join(self.words[each].to_bytes(2, "big") for each in wanted)

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        self.written.append((address, int.from_bytes(data, "big")))


def thor(*args: Any, **options: Any) -> tuple[Thor, AcThor, Callable[[Coroutine[Any, Any, Any]], Any]]:
    env, line = environment(), Thor(*args, **options)
    return line, AcThor(line, SimClock(env), row=136), lambda story: run(env, story)


def test_a_heating_rod_tells_its_quantities() -> None:
    _, device, do = thor()
    reading = do(device.read())
    assert (reading["power"], reading["water_temperature"], reading["frequency"]) == (1234, 47.3, 50.01)
    assert (reading["voltage_l1"], reading["current_l1"]) == (231, 5.3)
    assert (reading["mode"], reading["status"]) == ("heating", "running")


def test_a_frozen_tank_and_a_failed_power_stage_are_told() -> None:
    _, device, do = thor({1000: 3, 1001: 0xFFFB, 1003: 203})
    reading = do(device.read())
    assert (reading["water_temperature"], reading["mode"], reading["status"]) == (-0.5, "standby", "fault")
    _, device, do = thor({1000: 0, 1077: 3})
    assert do(device.read())["mode"] == "hot"


def test_the_number_written_is_scaled_up_for_a_smaller_rod_once_it_is_known() -> None:
    line, device, do = thor({1060: 0})
    do(device.set_power(1000))
    line.words[1060] = 2000
    do(device.read())
    do(device.set_power(1000))
    assert line.written == [(1000, 1000), (1000, 1500)]


def test_impossible_powers_are_cut_and_release_is_zero() -> None:
    line, device, do = thor()
    for watts in (15_000, -500):
        do(device.set_power(watts))
    do(device.release())
    assert line.written == [(1000, 3000), (1000, 0), (1000, 0)]


@pytest.mark.parametrize(("changes", "without", "refresh"), [({}, (), 15), ({1004: 0}, (), 5), ({}, (1004,), 5)])
def test_it_refreshes_in_half_the_time_out_of_the_device(
    changes: dict[int, int], without: tuple[int, ...], refresh: float
) -> None:
    _, device, do = thor(changes, without=without)
    who = do(device.identify())
    assert (who.model, who.serial, who.firmware) == ("AC THOR", "2001001234567890", "106")
    assert device.refresh == refresh


@pytest.mark.parametrize("options", [{"changes": {1067: 230}}, {"last": 1030}, {"changes": {1064: 0}}])
def test_a_9s_an_elwa_and_a_stranger_are_refused(options: dict[str, Any]) -> None:
    _, device, do = thor(**options)
    with pytest.raises(WrongDevice, match="AC THOR"):
        do(device.identify())

"""The my-PV drivers: power scaled to the rod, refreshed in half the device's time-out, nothing else written."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from controller.drivers.mypv import AcElwaE, AcThor, AcThor9s
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


NINE = {1060: 6000, 1067: 229, 1068: 86, 1069: 0, 1070: 1, 1071: 0, 1072: 233, 1073: 0, 1074: 3000, 1075: 1988, 1076: 0}


def rod(kind: Any, *args: Any, **options: Any) -> tuple[Thor, Any, Callable[[Coroutine[Any, Any, Any]], Any]]:
    env, line = environment(), Thor(*args, **options)
    return line, kind(line, SimClock(env)), lambda story: run(env, story)


def test_a_9s_tells_what_each_of_its_outputs_gives() -> None:
    _, device, do = rod(AcThor9s, {1000: 4988} | NINE)
    reading = do(device.read())
    assert (reading["power"], reading["power_l1"], reading["power_l2"], reading["power_l3"]) == (4988, 3000, 1988, 0)
    assert (reading["voltage_l2"], reading["current_l2"], reading["voltage_l3"]) == (229, 8.6, 233)


def test_what_a_9s_is_written_is_a_share_of_nine_kilowatts() -> None:
    line, device, do = rod(AcThor9s, NINE)
    assert do(device.identify()).rated_power == 6000
    for watts in (2000, 8000, -1):
        do(device.set_power(watts))
    assert line.written == [(1000, 3000), (1000, 9000), (1000, 0)]


def elwa(changes: dict[int, int] | None = None, **options: Any) -> Any:
    return rod(AcElwaE, {1003: 2} | (changes or {}), last=1030, **options)


def test_an_elwa_is_told_watts_as_they_are() -> None:
    line, device, do = elwa({1001: 565})
    who = do(device.identify())
    assert (who.model, who.serial, who.rated_power) == ("AC ELWA-E", "2001001234567890", 3000)
    do(device.set_power(1277))
    assert line.written == [(1000, 1277)]
    assert do(device.read())["water_temperature"] == 56.5


@pytest.mark.parametrize(
    ("state", "power", "mode", "status"),
    [(2, 1234, "heating", "running"), (3, 0, "standby", "standby"), (5, 0, "hot", "standby"),
     (9, 0, "standby", "standby"), (203, 0, "standby", "fault")],
)  # fmt: skip
def test_a_state_of_an_elwa_means_something_else_than_that_of_a_thor(
    state: int, power: int, mode: str, status: str
) -> None:
    _, device, do = elwa({1003: state, 1000: power})
    reading = do(device.read())
    assert (reading["mode"], reading["status"]) == (mode, status)


def test_each_model_is_refused_by_the_others() -> None:
    for kind, changes, last in (
        (AcThor9s, {}, 1077), (AcElwaE, {1003: 9}, 1077), (AcElwaE, {1003: 7}, 1030), (AcThor9s, {1003: 2}, 1030),
    ):  # fmt: skip
        _, device, do = rod(kind, changes, last)
        with pytest.raises(WrongDevice, match=r"AC THOR 9s|AC ELWA-E"):
            do(device.identify())

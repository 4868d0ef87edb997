"""The KEBA P30 driver on Modbus/TCP: one value a request, currents clamped, a failsafe that is set once."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from controller.drivers.keba_modbus import KebaP30Modbus
from controller.errors import Refused, WrongDevice
from rigs.simulated import SimClock, environment, run

CHARGING = {
    1000: 3, 1004: 7, 1006: 0, 1008: 16_010, 1010: 15_990, 1012: 16_005, 1014: 18_416_854, 1016: 304_111,
    1018: 0x030A3900, 1020: 11_050_123, 1036: 98_765_432, 1040: 230, 1042: 230, 1044: 231, 1100: 16_000, 1110: 32_000,
    1500: 0xE3F76B8D, 1502: 52_300, 1550: 3, 1552: 1, 1600: 0, 1602: 0,
}  # fmt: skip


class P30:
    """One value of two registers a request; what is written is noted and, like in the box, not readable there."""

    def __init__(self, values: dict[int, int]) -> None:
        self.values = dict(values)
        self.asked: list[int] = []
        self.written: list[tuple[int, int]] = []

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        assert (unit, function, count) == (255, 3, 2)
        self.asked.append(address)
        if address not in self.values:
            raise Refused(2, unit=unit, address=address)
        return self.values[address].to_bytes(4, "big")

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        assert (unit, function, len(data)) == (255, 6, 2)
        value = int.from_bytes(data, "big")
        self.written.append((address, value))
        mirror = {5016: 1600, 5018: 1602}.get(address)
        if mirror in self.values:
            self.values[mirror] = value


def station(
    values: dict[int, int], row: int = 65
) -> tuple[P30, KebaP30Modbus, Callable[[Coroutine[Any, Any, Any]], Any]]:
    env, line = environment(), P30(values)
    return line, KebaP30Modbus(line, SimClock(env), row=row), lambda story: run(env, story)


def test_a_charging_station_tells_its_quantities() -> None:
    _, keba, do = station(CHARGING)
    reading = do(keba.read())
    assert reading["power"] == pytest.approx(11_050.123)
    assert reading["energy"] == pytest.approx(9_876_543.2)
    assert reading["session_energy"] == 5230
    assert reading["current_l2"] == 15.99
    assert (reading["vehicle"], reading["plugged"], reading["enabled"]) == ("C", True, True)
    assert (reading["current_limit"], reading["phases"], reading["rfid"]) == (16, 3, "e3f76b8d")


def test_without_a_vehicle_the_offer_and_the_voltages_are_absent() -> None:
    _, keba, do = station(CHARGING | {1000: 1, 1004: 3, 1040: 0, 1042: 0, 1044: 0, 1100: 0, 1500: 0, 1550: 0})
    reading = do(keba.read())
    assert (reading["vehicle"], reading["plugged"], reading["rfid"]) == ("A", False, "")
    assert [reading.get(name) for name in ("current_limit", "voltage_l1", "enabled", "phases")] == [None] * 4


def test_an_error_shows_as_state_e() -> None:
    _, keba, do = station(CHARGING | {1000: 4})
    reading = do(keba.read())
    assert (reading["vehicle"], reading["status"]) == ("E", "fault")


def test_slow_values_are_asked_for_every_ten_seconds_or_when_the_power_moves() -> None:
    line, keba, do = station(CHARGING)
    for _ in range(11):
        do(keba.read())
        do(nap(keba))
    assert line.asked.count(1020) == 11
    assert line.asked.count(1036) == 2
    line.values |= {1020: 4_000_000, 1036: 98_765_500}
    assert do(keba.read())["energy"] == 9_876_550


async def nap(keba: KebaP30Modbus) -> None:
    await keba.clock.sleep(1)


def test_the_deutschland_edition_has_no_meter_and_says_so() -> None:
    _, keba, do = station(CHARGING | {1016: 312_200, 1020: 0, 1036: 0}, row=67)
    assert do(keba.identify()).model == "Deutschland Edition"
    assert "power" not in do(keba.read())


def test_it_names_the_c_series_and_refuses_the_others() -> None:
    _, keba, do = station(CHARGING)
    who = do(keba.identify())
    assert (who.model, who.serial, who.firmware) == ("P30 c-serie", "18416854", "3.10.57")
    for product in (304_011, 312_200, 4_210_310):
        _, keba, do = station(CHARGING | {1016: product})
        with pytest.raises(WrongDevice, match=str(product)):
            do(keba.identify())


def test_a_limit_sets_the_failsafe_once_and_then_current_before_enable() -> None:
    line, keba, do = station(CHARGING)
    do(keba.limit_current(13.37))
    do(keba.limit_current(40))
    assert line.written == [(5016, 6000), (5018, 60), (5004, 13_370), (5014, 1), (5004, 32_000), (5014, 1)]


def test_after_the_line_was_lost_the_failsafe_is_looked_at_and_not_written_again() -> None:
    line, keba, do = station(CHARGING)
    do(keba.limit_current(10))
    keba.lost()
    line.written.clear()
    do(keba.limit_current(10))
    assert line.written == [(5004, 10_000), (5014, 1)]


def test_less_than_six_amperes_pauses() -> None:
    line, keba, do = station(CHARGING | {1600: 6000, 1602: 60})
    do(keba.limit_current(5.9))
    assert line.written == [(5014, 0)]


def test_release_gives_full_current_and_the_failsafe_of_before() -> None:
    line, keba, do = station(CHARGING | {1600: 10_000, 1602: 30})
    do(keba.limit_current(8))
    line.written.clear()
    do(keba.release())
    assert line.written == [(5004, 32_000), (5014, 1), (5018, 30), (5016, 10_000)]


def test_a_firmware_without_failsafe_keeps_its_command_and_needs_no_refresh() -> None:
    line, keba, do = station({key: value for key, value in CHARGING.items() if key not in (1600, 1602)})
    do(keba.limit_current(16))
    assert line.written == [(5004, 16_000), (5014, 1)]
    assert keba.refresh is None


def test_a_new_series_of_the_p30_is_what_the_installer_says_with_a_note() -> None:
    _, keba, do = station(CHARGING | {1016: 310_710})
    who = do(keba.identify())
    assert (who.model, who.notes) == ("P30 c-serie", ("series 7 of product 310710 is new; 3 is a P30",))
    _, keba, do = station(CHARGING | {1016: 310_710}, row=0)
    with pytest.raises(WrongDevice, match="310710"):
        do(keba.identify())

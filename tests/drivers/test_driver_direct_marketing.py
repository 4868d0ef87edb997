"""The marketer's interface: the HEM answers, a command counts when its sequence changes, a refusal is said."""

import struct
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from controller.drivers.direct_marketing import DirectMarketing
from controller.errors import LineTimeout
from rigs.simulated import SimClock, environment, run

FREE = -(1 << 31)


class Place:
    """Where requests arrive: the test is the client. `do` runs a coroutine to its end in virtual time."""

    def __init__(self) -> None:
        self.env = environment()
        self.clock = SimClock(self.env)
        self.handler: Callable[[int, bytes], bytes] = lambda unit, pdu: b""
        self.driver: Any = DirectMarketing(self, self.clock, row=144)

    def answer(self, handler: Callable[[int, bytes], bytes]) -> None:
        self.handler = handler

    async def asked(self, timeout: float) -> None:
        await self.clock.sleep(timeout)

    def do(self, story: Coroutine[Any, Any, Any]) -> Any:
        return run(self.env, story)

    def wait(self, seconds: float) -> None:
        self.env.run(until=self.env.now + seconds)

    def ask(self, *pdu: int, unit: int = 2) -> bytes:
        return self.handler(unit, bytes(pdu))

    def value(self, address: int, unit: int = 2, function: int = 4) -> int:
        answer = self.handler(unit, struct.pack(">BHH", function, address, 2))
        return int.from_bytes(answer[2:], "big", signed=True)

    def write(self, first: int, *values: int, unit: int = 2) -> bytes:
        data = struct.pack(f">{len(values)}i", *values)
        return self.handler(unit, struct.pack(">BHHB", 16, first, len(data) // 2, len(data)) + data)

    def command(
        self,
        sequence: int,
        *,
        percent: int = -1,
        power: int = -1,
        battery: int = FREE,
        validity: int = 900,
        beat: int = 1,
    ) -> None:
        self.write(100, sequence, percent, power, battery, validity, beat)

    @property
    def codes(self) -> tuple[int, int]:
        """Acknowledged sequence and reject code."""
        return self.value(20), self.value(22)


@pytest.fixture
def place() -> Place:
    found = Place()
    with pytest.raises(LineTimeout, match="no marketer has called"):
        found.do(found.driver.identify())
    return found


def test_nobody_stands_there_until_a_marketer_has_called(place: Place) -> None:
    assert place.value(0) == 0x564D0001
    assert place.do(place.driver.identify()).model == "Vermarkter Schnittstelle"
    assert place.do(place.driver.read()) == {}
    place.wait(61)
    with pytest.raises(LineTimeout):
        place.do(place.driver.read())


def test_a_lost_line_is_no_marketer_until_he_calls_again(place: Place) -> None:
    place.command(1, power=4000)
    place.driver.lost()
    with pytest.raises(LineTimeout):
        place.do(place.driver.read())
    place.value(20)
    assert place.do(place.driver.read())["limit_power"] == 4000


def test_a_marketer_may_have_another_unit_id(place: Place) -> None:
    place.driver.unit = 7
    assert place.write(100, 5) == b""
    assert place.write(100, 5, unit=7) == b"\x10\x00\x64\x00\x02"


def test_a_command_is_read_in_our_units_and_signs_with_its_age(place: Place) -> None:
    place.command(7, percent=734, power=71_234, battery=3217, validity=871, beat=12)
    place.wait(2.5)
    assert place.do(place.driver.read()) == {
        "limit_percent": 73.4, "limit_power": 71_234.0, "battery_setpoint": -3217.0, "validity": 871.0, "sequence": 7,
        "heartbeat": 12, "age": 2,
    }  # fmt: skip
    assert place.codes == (7, 0)


def test_what_is_not_asked_for_is_absent(place: Place) -> None:
    place.command(1)
    reading = place.do(place.driver.read())
    assert [reading[name] for name in ("limit_percent", "limit_power", "battery_setpoint")] == [None, None, None]


def test_a_command_counts_when_its_sequence_changes(place: Place) -> None:
    place.command(1, power=4000)
    place.write(104, 2500)
    assert place.do(place.driver.read())["limit_power"] == 4000
    place.write(100, 2)
    assert place.do(place.driver.read())["limit_power"] == 2500


def test_a_replay_is_stale_and_the_sequence_begins_again_at_its_end(place: Place) -> None:
    place.command(0x7FFF_FFFF, power=4000)
    place.command(0x7FFF_FFF0, power=9000)
    assert place.codes == (0x7FFF_FFFF, 3)
    assert place.do(place.driver.read())["limit_power"] == 4000
    place.command(-(1 << 31), power=3000)
    assert place.codes == (-(1 << 31), 0)
    assert place.do(place.driver.read())["sequence"] == 1 << 31


@pytest.mark.parametrize(
    "wrong", [{"percent": 1001}, {"percent": -2}, {"power": -5}, {"validity": 0}, {"validity": 3601}]
)
def test_a_command_out_of_range_is_refused_and_the_one_before_stands(place: Place, wrong: dict[str, int]) -> None:
    place.command(1, power=4000)
    place.command(2, **wrong)
    assert place.codes == (1, 1)
    assert place.do(place.driver.read())["limit_power"] == 4000


@pytest.mark.parametrize("unit", [1, 3])
def test_only_the_marketer_commands_and_others_only_read(place: Place, unit: int) -> None:
    assert place.write(100, 5, unit=unit) == b"\x90\x01"
    assert place.codes == (0, 2)
    assert place.value(0, unit=unit) == 0x564D0001
    assert place.ask(3, 0, 0, 0, 2, unit=9) == b""


def test_half_a_value_is_never_taken(place: Place) -> None:
    assert place.ask(6, 0, 100, 0, 5) == b"\x86\x01"
    assert place.ask(16, 0, 100, 0, 1, 2, 0, 5) == b"\x90\x03"
    assert place.ask(16, 0, 101, 0, 2, 4, 0, 5, 0, 5) == b"\x90\x03"
    assert place.write(110, 1, 2) == b"\x90\x02"
    assert place.write(20, 1) == b"\x90\x02"
    assert place.ask(16, 0, 100, 0, 2, 4, 0, 5) == b"\x90\x03"
    assert (place.value(100), place.codes) == (0, (0, 0))


def test_what_cannot_be_read_is_refused(place: Place) -> None:
    assert place.ask(3, 0, 23, 0, 2) == b"\x83\x02"
    assert place.ask(4, 0, 0, 0, 126) == b"\x84\x03"
    assert place.ask(3, 0, 0) == b"\x83\x03"
    assert place.ask(5, 0, 0, 0xFF, 0) == b"\x85\x01"
    assert len(place.ask(3, 0, 0, 0, 24)) == 50


def test_the_house_is_shown_with_the_wires_signs(place: Place) -> None:
    place.driver.show({
        "grid_power": -2345.0, "pv_power": 71_300.0, "battery_power": 1500.0, "soc": 54.3, "installed_power": 99_000.0,
        "effective_limit": None, "effective_setpoint": -800.0,
    })  # fmt: skip
    shown = [place.value(address, function=3) for address in (4, 6, 8, 10, 12, 14, 16, 18)]
    assert shown == [-2345, 71_300, -1500, 543, FREE, 99_000, -1, 800]


def test_a_limit_that_the_grid_operator_undercuts_is_overridden_until_it_is_not(place: Place) -> None:
    place.command(1, percent=500)
    house = {"installed_power": 10_000.0, "effective_limit": 3000.0, "limited_by": "grid operator"}
    place.driver.show(house)
    assert (place.codes, place.value(2)) == ((1, 4), 0x1 | 0x2)
    place.driver.show(house | {"effective_limit": 5000.0, "limited_by": "direct marketer"})
    assert (place.codes, place.value(2)) == ((1, 0), 0x1 | 0x4)


def test_a_heartbeat_that_stands_still_is_shown_as_lost(place: Place) -> None:
    place.command(1, beat=5)
    place.wait(59)
    assert place.value(2) == 0x1
    place.write(110, 5)
    place.wait(2)
    assert place.value(2) == 0x1 | 0x8
    with pytest.raises(LineTimeout, match="heartbeat has stood still"):
        place.do(place.driver.read())
    place.write(110, 6)
    assert place.value(2) == 0x1

"""The client of marketer-assumed-v1: what it writes in which order, what it reads back, how it misbehaves."""

import struct
from typing import Any

import pytest

from emulators.family.build import build
from rigs.simulated import SimulatedListening, environment, line_for

PLANT = (
    0x564D0001,
    1,
    -2345,
    71_234,
    1_500,
    634,
    80_000,
    99_000,
    60_000,
    -0x8000_0000,
    0,
    0,
)  # profile, state, grid, PV, battery (+ charge), SoC, available, installed, limit, set-point, acknowledged, reject


class Plant:
    """A server that keeps what is written and shows what it is told to, with the marketer at its line."""

    def __init__(self, **options: Any) -> None:
        self.env = environment()
        self.installation = build(144, "modbus-tcp", clock=lambda: float(self.env.now), **options)
        self.device, self.twin = self.installation.main, self.installation.main.twin
        self.shown = list(PLANT)
        self.asked: list[tuple[int, bytes]] = []
        self.refuses: dict[int, int] = {}
        line = line_for(self.env, self.installation)
        assert isinstance(line, SimulatedListening)
        self.line = line

    def listen(self) -> "Plant":
        self.line.answer(self._answer)
        return self

    def _answer(self, unit: int, pdu: bytes) -> bytes:
        self.asked.append((unit, pdu))
        function, address = pdu[0], int.from_bytes(pdu[1:3], "big")
        if function not in (3, 6, 16):
            return bytes((function | 0x80, 1))
        if (function == 16 and len(pdu) != 6 + pdu[5]) or (function == 3 and len(pdu) != 5):
            return bytes((function | 0x80, 3))
        if address in self.refuses:
            return bytes((function | 0x80, self.refuses[address]))
        if function != 3:
            if address == 100:
                self.shown[10] = int.from_bytes(pdu[6:], "big", signed=True)
            return pdu[:5]
        return bytes((3, 48)) + struct.pack(">12i", *self.shown)

    def wait(self, seconds: float) -> None:
        self.env.run(until=self.env.now + seconds)

    def wish(self, **quantities: Any) -> None:
        for name, value in quantities.items():
            self.twin.set(name, value)
        self.wait(0.5)

    @property
    def written(self) -> list[tuple[int, int, tuple[int, ...]]]:
        """Unit, address and values of what was written in 32-bit values, oldest first."""
        return [
            (unit, int.from_bytes(pdu[1:3], "big"), struct.unpack(f">{pdu[5] // 4}i", pdu[6:]))
            for unit, pdu in self.asked
            if pdu[0] == 16 and not pdu[5] % 4 and len(pdu) == 6 + pdu[5]
        ]


def test_values_are_written_first_and_the_sequence_last() -> None:
    plant = Plant().listen()
    plant.wait(1)
    plant.asked.clear()
    plant.wish(limit_percent=73.4, limit_power=71_234.0, battery_setpoint=-3217.0, validity=871.0)
    sequence = plant.twin.sequence
    assert plant.written == [(2, 102, (734, 71_234, 3217, 871)), (2, 100, (sequence,))]
    plant.wish(limit_percent=None, limit_power=None, battery_setpoint=None)
    assert plant.written[2:] == [(2, 102, (-1, -1, -0x8000_0000, 871)), (2, 100, (sequence + 1,))]
    assert plant.asked[0][1].hex() == "10006600081000000 2de00011642 00000c91 00000367".replace(" ", "")


def test_it_reads_back_what_the_plant_shows_and_whether_it_was_understood() -> None:
    plant = Plant().listen()
    plant.wish(limit_percent=30.0)
    plant.wait(6)
    told = plant.twin.truth()
    assert (told["power"], told["grid_power"], told["pv_power"], told["battery_power"]) == (2345, -2345, 71_234, -1500)
    assert (told["soc"], told["effective_limit"], told["effective_setpoint"]) == (pytest.approx(63.4), 60_000, None)
    assert told["acknowledged"] == told["sequence"]
    assert {unit for unit, _ in plant.asked} == {2}


def test_the_heartbeat_changes_every_ten_seconds_until_it_is_stopped() -> None:
    plant = Plant().listen()
    plant.wait(61)
    beats = [values[0] for _, address, values in plant.written if address == 110]
    assert beats == list(range(1, 8)) and plant.twin.truth()["heartbeat"] == 7
    plant.device.operator["stop_heartbeat"]()
    plant.wait(60)
    assert plant.twin.heartbeat == 7 and plant.twin.truth()["beating"] is False
    plant.twin.set("beating", True)
    plant.wait(11)
    assert plant.twin.heartbeat >= 8


def test_a_message_is_renewed_before_it_is_invalid() -> None:
    plant = Plant().listen()
    plant.wish(limit_percent=50.0, validity=60.0)
    first = plant.twin.sequence
    plant.wait(89.6)
    assert plant.twin.sequence == first + 3
    assert plant.written[-1][1:] in ((100, (first + 3,)), (110, (plant.twin.heartbeat,)))


def test_sequences_grow_when_it_starts_again() -> None:
    assert Plant().twin.sequence == 1_750_000_000


@pytest.mark.parametrize(
    ("action", "unit", "address", "values"),
    [
        ("replay", 2, 100, (1_750_000_000,)), ("stale", 2, 100, (1_749_996_401,)), ("wrong_unit", 9, 100, None),
        ("wrong_role", 3, 100, None), ("out_of_range", 2, 102, (1001, -1, -0x8000_0000, 900)),
    ],
)  # fmt: skip
def test_what_a_marketer_with_a_broken_system_writes(action: str, unit: int, address: int, values: Any) -> None:
    plant = Plant().listen()
    plant.wait(1)
    plant.asked.clear()
    plant.device.operator[action]()
    plant.twin.changed()
    plant.wait(0.5)
    found = [each for each in plant.written if each[:2] == (unit, address)]
    assert found and (values is None or found[0][2] == values)


def test_halves_of_values_and_single_registers_are_written_too() -> None:
    plant = Plant().listen()
    plant.wait(1)
    plant.refuses = {103: 2, 102: 1}
    for action in ("partial", "single_register"):
        plant.device.operator[action]()
        plant.twin.changed()
        plant.wait(0.5)
    assert [pdu.hex() for _, pdu in plant.asked if pdu[0] != 3][-2:] == ["100067000102001e", "060066001e"]
    assert plant.device.face.refusals == [("odd message", 2), ("odd message", 1)]


def test_silence_is_nothing_at_all() -> None:
    plant = Plant().listen()
    plant.wait(1)
    plant.device.operator["silence"]()
    plant.asked.clear()
    plant.wait(600)
    assert plant.asked == []
    plant.device.operator["speak"]()
    plant.twin.changed()
    plant.wait(1)
    assert plant.written[1][1:] == (100, (plant.twin.sequence,))


def test_nobody_there_is_tried_again_and_nothing_is_lost() -> None:
    plant = Plant()
    plant.wish(limit_percent=12.5)
    plant.wait(60)
    assert plant.asked == []
    plant.listen()
    plant.wait(0.5)
    assert plant.written[0] == (2, 102, (125, -1, -0x8000_0000, 900))


def test_an_answer_that_is_none_makes_it_ask_again() -> None:
    plant = Plant()
    plant.line.answer(lambda unit, pdu: b"")
    plant.wait(2)
    assert plant.device.face.unanswered == 1
    plant.listen()
    plant.wait(6)
    assert plant.twin.acknowledged == plant.twin.sequence


@pytest.mark.parametrize("fault", ["noise", "wrong-unit", "short-count", "long-count", "odd-bytes", "wrong-function"])
def test_faults_break_what_it_asks(fault: str) -> None:
    plant = Plant().listen()
    plant.wait(1)
    plant.asked.clear()
    plant.device.begin(fault)
    plant.wish(limit_percent=44.0)
    healthy = [each for each in plant.written if each[0] == 2 and each[1] == 102 and len(each[2]) == 4]
    assert not healthy and plant.device.faults.shown == {fault}
    plant.device.end(fault)
    plant.wait(6)
    assert (440, -1, -0x8000_0000, 900) in [values for unit, _, values in plant.written if unit == 2]
    assert plant.twin.acknowledged == plant.twin.sequence

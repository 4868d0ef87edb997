"""Reads golden bytes with the emulators' tables: the exchanges that the drivers are tested with, from the other side.

What was recorded or written down elsewhere has to mean the same there: the emulator answers each request, its rows
decode the golden response to the quantities that were expected, and pack them to the same bytes again; golden commands
are taken, with the golden reply. A file may say how the device was set up: `emulator = {model = "...", option = ...}`.
"""

import math
import tomllib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from emulators.family.sunspec import standard
from emulators.rctpower.station import Object
from scenarios.bench.bench import Bench
from scenarios.bench.commands import ready
from scenarios.bench.decoding import rct_payload
from scenarios.bench.registers import units

HERE = Path(__file__).parent
MODBUS = ("modbus-tcp", "modbus-rtu")


def exchanges(protocols: Sequence[str] = MODBUS) -> Iterator[Any]:
    for file in sorted(HERE.glob("*.toml")):
        table = tomllib.loads(file.read_text("utf-8"))
        shared = {key: value for key, value in table.items() if key != "exchange"}
        for each in table["exchange"]:
            golden = shared | each
            if golden.get("protocol") in protocols:
                yield pytest.param(golden, id=f"{file.stem}: {each['name']}")


def frames(golden: dict[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    """Requests and responses, each a unit id and a PDU."""
    for request, response in ([golden["request"], golden["response"]], *golden.get("more", ())):
        yield bytes.fromhex(request), bytes.fromhex(response)


def bench_for(golden: dict[str, Any]) -> Bench:
    how = dict(golden.get("emulator", {}))
    unit = how.pop("unit", next(frames(golden))[0][0])
    return Bench(golden["row"], golden["protocol"], how.pop("model", None), unit=unit, options=how)


class Golden:
    """What golden frames say by the emulator's own table."""

    def __init__(self, bench: Bench, golden: dict[str, Any]) -> None:
        self.bench = bench
        self.held: dict[tuple[int, str, int], tuple[Any, bytes]] = {}  # unit, space, address -> row and golden bytes
        for request, response in frames(golden):
            if request[1] in (3, 4) and response[1] == request[1]:
                self._take(request[0], "input" if request[1] == 4 else "holding", request, response[3:])

    def _take(self, unit: int, name: str, request: bytes, data: bytes) -> None:
        address = int.from_bytes(request[2:4], "big")
        answering = units(self.bench)
        assert unit in answering, f"nobody answers at unit {unit}, but {sorted(answering)}"
        for row in answering[unit].spaces[name].rows:
            start = 2 * (row.address - address)
            if start >= 0 and start + 2 * row.words <= len(data) and row.allows("r"):
                self.held[unit, name, row.address] = row, data[start : start + 2 * row.words]

    def values(self) -> Iterator[tuple[str, Any, bytes, bytes | None]]:
        """Quantity, golden value, golden bytes and what the emulator has for that value at the same scale."""
        for (unit, name, _), (row, raw) in self.held.items():
            codec = units(self.bench)[unit].spaces[name]._codec(row)
            value = codec.unpack(raw)
            packed: bytes | None = codec.pack(value)
            factor = self._factor(unit, name, row)
            if factor is not None and isinstance(value, int | float):
                packed = None  # the emulator has a scale factor of its own
                value = math.copysign(codec.raw(raw), row.scale * codec.raw(raw)) * 10.0**factor
            yield row.quantity.removeprefix("battery."), value, raw, packed

    def _factor(self, unit: int, name: str, row: Any) -> int | None:
        """The golden scale factor of a SunSpec point, None for other rows."""
        number, _, point = row.name.partition(" ")
        model = standard().get(number, {})
        model = standard().get(str(model.get("like")), model)
        points = (*model.get("points", ()), *model.get("repeat", ()))
        factor = next((each[3] for each in points if each[1] == point and len(each) > 3), "")
        said = [
            raw for (at, space, _), (each, raw) in self.held.items()
            if (at, space, each.name) == (unit, name, f"{number} {factor}")
        ]  # fmt: skip
        return int.from_bytes(said[0], "big", signed=True) if factor and said else None


def alike(golden: dict[str, Any]) -> list[str]:
    """Golden requests that the emulator answers to the byte when it is in the expected state."""
    bench, found = bench_for(golden), []

    async def ask(bench: Bench) -> None:
        ready(bench)
        bench.set(**{name: value for name, value in golden.get("expect", {}).items() if value != "absent"})
        for request, response in frames(golden):
            if request[1] in (3, 4):
                address, count = int.from_bytes(request[2:4], "big"), int.from_bytes(request[4:6], "big")
                answer = await bench.attempt(partial(bench.line.read, request[0], request[1], address, count))
                if answer == response[3:]:
                    found.append(request.hex())

    bench.tell(ask)
    return found


def all_alike(golden: dict[str, Any]) -> bool:
    """Whether the emulator answers all reads as the golden device did."""
    reads = [request.hex() for request, _ in frames(golden) if request[1] in (3, 4)]
    return sorted(alike(golden)) == sorted(reads)


WORDS: dict[str, tuple[object, ...]] = {
    "status": ("running", "standby", "fault", "off"), "vehicle": ("A", "B", "C"), "plugged": (True, False),
    "enabled": (True, False),
}  # fmt: skip


def worded(golden: dict[str, Any], quantity: str, value: object) -> bool:
    """Whether the registers of the emulator that tell a state say what the golden ones say."""
    mine = answers(golden, {quantity: value})
    others = [answers(golden, {quantity: other}) for other in WORDS[quantity]]
    told = {at for other in others for at, raw in other.items() if mine[at] != raw}
    held = Golden(bench_for(golden), golden).held
    return bool(told) and all(mine[at] == held[at][1] for at in told)


def answers(golden: dict[str, Any], truth: dict[str, Any]) -> dict[tuple[int, str, int], bytes]:
    """What the emulator says in the golden registers when this is true, and all that was expected besides."""
    bench = bench_for(golden)
    ready(bench)
    bench.set(**{name: value for name, value in (golden.get("expect", {}) | truth).items() if value != "absent"})
    bench.device.wake()
    found = {}
    for unit, name, address in Golden(bench, golden).held:
        space = units(bench)[unit].spaces[name]
        row = next(each for each in space.rows if each.address == address)
        found[unit, name, address] = space.read(address, row.words)
    return found


def seen(golden: dict[str, Any], name: str, value: Any) -> bool:
    """Whether the emulator has the same value from, or for, these bytes."""
    said: dict[str, list[Any]] = {}
    texts = set()
    for quantity, found, raw, packed in Golden(bench_for(golden), golden).values():
        if packed == raw or packed is None:
            said.setdefault(quantity, []).append(found)
            texts.add(str(found))
    if isinstance(value, int | float) and not isinstance(value, bool):
        # the face words some of them its own way: meter_energy, signed_current_l1, charging_power
        same = [each for quantity, found in said.items() if quantity.endswith(name) for each in found]
        if same:
            return any(isinstance(each, int | float) and each == pytest.approx(value, rel=1e-6) for each in same)
    if name in WORDS and worded(golden, name, value):
        return True
    return value == "absent" or str(value) in texts or all_alike(golden)


@pytest.mark.parametrize("golden", [each for each in exchanges() if "command" not in each.values[0]])
def test_the_emulator_reads_the_same_from_these_bytes(golden: dict[str, Any]) -> None:
    """Each quantity, but for those of `derived`: what the driver words, or works out of several registers.

    Makers and models are worded by the driver; serial number and firmware are the device's own.
    """
    identity = {name: value for name, value in golden.get("identity", {}).items() if name in ("serial", "firmware")}
    wanted = {**golden.get("expect", {}), **identity}
    unseen = {name for name, value in wanted.items() if not seen(golden, name, value)}
    other = set(golden.get("derived", ()))
    assert unseen <= other, f"not seen in these bytes: {sorted(unseen - other)}"
    assert other <= unseen | (other - wanted.keys()), f"seen after all: {sorted(other - unseen)}"


@pytest.mark.parametrize("golden", [each for each in exchanges() if "command" in each.values[0]])
def test_the_emulator_takes_the_golden_command(golden: dict[str, Any]) -> None:
    bench = bench_for(golden)
    request, response = next(frames(golden))
    address = int.from_bytes(request[2:4], "big")
    data = request[4:] if request[1] == 6 else request[7:]

    async def give(bench: Bench) -> None:
        await bench.identify()
        ready(bench)
        await bench.line.write(request[0], request[1], address, data)

    bench.tell(give)
    assert response in bench.record.frames[-1][2]
    assert bench.writes()[-1].accepted


@pytest.mark.parametrize("golden", [each for each in exchanges(["tcp"]) if "command" not in each.values[0]])
def test_the_emulator_has_the_golden_objects_with_these_values(golden: dict[str, Any]) -> None:
    rows = {row[0]: row for rows in Bench(golden["row"], "tcp").profile.data["objects"].values() for row in rows}
    said: dict[str, list[float]] = {}
    for request, response in frames(golden):
        (number,) = [each for each in rows if rct_payload(request, each) is not None]
        payload = rct_payload(response, number)
        row = Object(*rows[number])
        if row.type == "STR":
            continue  # who it is: `identity`
        assert payload is not None and row.pack(row.unpack(payload)) == payload, row.name
        said.setdefault(row.quantity, []).append(row.unpack(payload))
    other = set(golden.get("derived", ()))
    for name, value in golden["expect"].items():
        known = [each for quantity, found in said.items() if quantity.endswith(name) for each in found]
        assert any(each == pytest.approx(value, rel=1e-6) for each in known) != (name in other), name


@pytest.mark.parametrize("golden", [each for each in exchanges(["tcp"]) if "command" in each.values[0]])
def test_the_emulator_takes_the_golden_order_for_an_object(golden: dict[str, Any]) -> None:
    bench = Bench(golden["row"], golden["protocol"])
    session = bench.installation.wire.open()
    ready(bench)
    for request, _ in frames(golden):
        session.feed(request)
    assert bench.writes() and all(write.accepted for write in bench.writes())

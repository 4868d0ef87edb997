"""Drift: a real device held against its family file, register by register.

Each row that the table lets be read is asked of the device, alone, and of an emulator that was built of the table.
What is the same for all devices (constants, refusals) has to be the same here. What is measured is held against what is
known of it: an instrument (`truth` of the bench file), or what other registers of the device agree on; where nothing is
known, against what such a quantity can be. A difference is named by what would explain it: the words of the value stand
in the other order, the scale is a power of ten off, the sign is turned, the device refuses.
"""

import contextlib
import re
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, log10
from statistics import median
from typing import Any

from controller.errors import LineTimeout, Refused
from emulators.table.answers import Refusal
from emulators.table.registers import Space
from emulators.table.rows import CODES, Codec, Row
from rigs.bench.benchfile import PlaceSettings
from rigs.bench.drifted import Difference, Drift, proposed
from rigs.bench.guarded import GuardedModbus
from rigs.bench.places import RealPlace
from rigs.bench.rehearsal import Rehearsal
from twin.possible import impossible

READS = {"holding": 3, "input": 4}
NEAR = 0.02  # share by which a measurement may have moved between two looks
USUAL: dict[str, tuple[float, float]] = {  # what a quantity of a grid-connected device can be, where it is not 0
    "voltage": (150.0, 320.0), "frequency": (45.0, 65.0), "temperature": (-40.0, 130.0), "soc": (0.0, 100.0),
    "power_factor": (-1.0, 1.0),
}  # fmt: skip
PRINTED = re.compile(r"^(rated|nominal)_|type_code|output_type|device_type")
OVERLOAD = 1.5  # times the rating that a power can be


@dataclass
class _Answer:
    """What the device said of a row: bytes, or why not."""

    unit: int
    name: str
    space: Space
    row: Row
    data: bytes = b""
    refused: str = ""


async def drift(place: RealPlace) -> Drift:
    """Compare one place; DeviceError when its line fails. Nothing is written."""
    rehearsal, found = place.guard.rehearsal, Drift(place.settings.name)
    station = rehearsal.station
    found.turnaround = float(getattr(station, "turnaround", 0.0))
    answers, seconds = [], []
    for unit, name, space, row in _rows(rehearsal):
        answer = _Answer(unit, name, space, row)
        began = place.clock.monotonic()
        try:
            answer.data = await _asked(place.line, answer)
            seconds.append(place.clock.monotonic() - began)
        except Refused as no:
            answer.refused = f"exception {no.code}"
        except LineTimeout:
            answer.refused = "no answer"
        answers.append(answer)
    if answers and all(answer.refused == "no answer" for answer in answers):
        raise LineTimeout(f"{place.settings.name} answers nothing that its table has")
    found.latency = median(seconds) if seconds else 0.0
    known = _known(place.settings, rehearsal, answers)
    for answer in answers:
        _judge(found, rehearsal, answer, known, place.settings.truth)
    return found


async def _asked(line: GuardedModbus, answer: _Answer) -> bytes:
    return await line.read(answer.unit, READS[answer.name], answer.row.address, answer.row.words)


def _rows(rehearsal: Rehearsal) -> Iterator[tuple[int, str, Space, Row]]:
    """Every row of the tables that can be asked for by itself."""
    for number, unit in rehearsal.units.items():
        for name, function in READS.items():
            space = unit.spaces.get(name)
            if space is None or function not in unit.functions:
                continue
            for row in space.rows:
                if row.allows("r"):
                    yield number, name, space, row


def _known(settings: PlaceSettings, rehearsal: Rehearsal, answers: Sequence[_Answer]) -> dict[str, float]:
    """By quantity what is known of it: the instrument, or what at least two registers say alike."""
    found = {name: float(value) for name, value in settings.truth.items() if isinstance(value, int | float)}
    for answer in answers:  # what is printed on the device of this model
        if PRINTED.search(answer.row.quantity) and _live(answer.row):
            with contextlib.suppress(Refusal):
                ours = _value(answer.space, answer.row, answer.space.read(answer.row.address, answer.row.words))
                found |= {} if ours is None else {answer.row.quantity: ours}
    said: dict[str, list[float]] = defaultdict(list)
    for answer in answers:
        value = _value(answer.space, answer.row, answer.data)
        if _live(answer.row) and value is not None:
            said[answer.row.quantity].append(value)
    for quantity, values in said.items():
        if quantity in found or len(values) < 2:
            continue
        middle = median(values)
        if sum(_alike(each, middle, 0.0) for each in values) * 2 > len(values):
            found[quantity] = middle
    return found


def _judge(
    found: Drift, rehearsal: Rehearsal, answer: _Answer, known: Mapping[str, float], told: Mapping[str, Any]
) -> None:  # fmt: skip
    row = answer.row
    try:
        ours = answer.space.read(row.address, row.words)
    except Refusal as no:
        if answer.refused:
            return
        _note(found, answer, "exception", f"exception {no.code}", answer.data.hex())
        return
    found.compared += 1
    if answer.refused:
        _note(found, answer, "exception", ours.hex(), answer.refused)
    elif _live(row):
        _measured(found, rehearsal, answer, known, told)
    elif not row.allows("w") and answer.data != ours and not _own(row):
        _constant(found, answer, ours)


def _constant(found: Drift, answer: _Answer, ours: bytes) -> None:
    """What every device of the family says alike."""
    row = answer.row
    expected, value = _value(answer.space, row, ours), _value(answer.space, row, answer.data)
    kind = "value"
    if _swapped(answer.data) == ours:
        kind = "word order"
    elif expected is not None and value is not None:
        kind = _explained(value, expected, 0.0) or "value"
    _note(found, answer, kind, _shown(expected, ours), _shown(value, answer.data))


def _measured(
    found: Drift, rehearsal: Rehearsal, answer: _Answer, known: Mapping[str, float], told: Mapping[str, Any]
) -> None:  # fmt: skip
    """What is different in every device and at every time. `told`: what an instrument shows."""
    row, value = answer.row, _value(answer.space, answer.row, answer.data)
    if value is None:
        if (wanted := told.get(row.quantity)) is not None:
            _note(found, answer, "value", f"{wanted:g}", "nothing")
        else:  # not available: every device may say so
            found.unjudged += 1
        return
    step = abs(row.scale) if row.base[0] != "F" else 0.0
    other = _value(answer.space, row, _swapped(answer.data)) if row.words > 1 else None
    if (expected := known.get(row.quantity)) is not None:
        if _alike(value, expected, step):
            return
        kind = _explained(value, expected, step) or "value"
        if other is not None and _alike(other, expected, step):
            kind = "word order"
        _note(found, answer, kind, f"{expected:g}", f"{value:g}")
        return
    rated = rehearsal.rated_power
    if why := _unusual(row.quantity, value, rated):
        kind = "value"
        if other is not None and other and not _unusual(row.quantity, other, rated):
            kind = "word order"
        elif any(not _unusual(row.quantity, value * 10.0**n, rated) for n in (-3, -2, -1, 1, 2, 3)):
            kind = "scale"
        _note(found, answer, kind, why, f"{value:g}")
        return
    found.unjudged += 1


def _unusual(quantity: str, value: float, rated_power: float) -> str:
    """What such a quantity is usually, where this is not it; empty where it can be."""
    if why := impossible(quantity, value):
        return why
    name = quantity[:-3] if quantity[-3:] in ("_l1", "_l2", "_l3") else quantity
    low, high = USUAL.get(name, (-float("inf"), float("inf")))
    if name.endswith("power") and rated_power:
        low, high = -OVERLOAD * rated_power, OVERLOAD * rated_power
    return "" if value == 0 or low <= value <= high else f"{low:g} to {high:g}"


def _explained(value: float, expected: float, step: float) -> str:
    """`sign` or `scale`, where turning it or a power of ten makes one of the other."""
    if not value or not expected or not isfinite(value):
        return ""
    if _alike(-value, expected, step):
        return "sign"
    power = log10(abs(expected / value))
    near = round(power)
    return (
        "scale" if near and abs(near) <= 6 and _alike(value * 10.0**near, expected, step * 10.0 ** max(near, 0)) else ""
    )


def _alike(value: float, expected: float, step: float) -> bool:
    return abs(value - expected) <= max(NEAR * abs(expected), step, 1e-9)


def _live(row: Row) -> bool:
    """Whether it is measured: a number that moves."""
    return row.base in CODES and not row.allows("w") and row.quantity != "" and not row.quantity.startswith(
        ("=", "model.", "unit.")
    ) and ":" not in row.quantity  # fmt: skip


def _own(row: Row) -> bool:
    """What each device has of its own: its number, name and firmware."""
    words = f"{row.name} {row.quantity}".casefold()
    return any(each in words for each in ("serial", "firmware", "version", "software", " sn", " vr", "mac", "ip addr"))


def _value(space: Space, row: Row, data: bytes) -> float | None:
    """A number in house units; None for a text, what is not available or no value at all."""
    if row.base not in CODES or len(data) != 2 * row.words:
        return None
    codec = Codec(row, space.rules)
    if data == codec.pack(None) and not codec.always_known and any(data):
        return None
    try:
        value = codec.unpack(data)
    except struct.error:
        return None
    return float(value) if isinstance(value, int | float) and isfinite(value) else None


def _swapped(data: bytes) -> bytes:
    return b"".join(data[at : at + 2] for at in range(len(data) - 2, -1, -2))


def _shown(value: float | None, data: bytes) -> str:
    if value is not None:
        return f"{value:g}"
    text = data.rstrip(b"\0").decode("ascii", "replace")
    return repr(text) if text.isprintable() and text else data.hex()


def _note(found: Drift, answer: _Answer, kind: str, expected: str, seen: str) -> None:
    row = answer.row
    found.differences.append(
        Difference(
            answer.unit,
            answer.name,
            row,
            kind,
            expected,
            seen,
            proposed(row, answer.space.rules.word_order, kind, expected, seen),
        )
    )

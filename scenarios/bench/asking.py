"""One word asked of a device, and given to it, as a stranger does it: Modbus, RCT objects, SML telegrams."""

import struct
from typing import Any

from controller.errors import LineTimeout
from emulators.table.answers import Refusal
from scenarios.bench import decoding
from scenarios.bench.bench import Bench
from scenarios.bench.registers import units
from scenarios.bench.words import BITS, READS, Word

REFUSED = object()  # what a device holds that says no when it is asked
LONGEST = 5.0  # s that a meter may take for its next telegram


async def asked(bench: Bench, word: Word, run: tuple[int, int] | None = None) -> Any:
    """The raw number or text that the device says there; DeviceError when it says nothing.

    `run`: first register and number of those that are asked for together, instead of the word alone.
    """
    line: Any = bench.line
    if word.space == "objects":
        number = int(word.address)
        await line.send(decoding.rct_frame(decoding.RCT_READ, number))
        data = b""
        while (payload := decoding.rct_payload(data, number)) is None:
            data += await line.receive(1.0)
        return decoding.said(word, payload)
    if word.space == "entries":
        entry = (await telegram(bench)).get(obis(str(word.address)))
        if entry is None:
            raise LineTimeout(f"no entry {word.address} in the telegram")
        return entry
    function, address = READS[word.space], int(word.address)
    if word.space in BITS:
        return (await line.read(word.unit, function, address, 1))[0] & 1
    first, count = run or (address, word.words)
    data = await line.read(word.unit, function, first, count)
    return decoding.said(word, data[2 * (address - first) : 2 * (address - first + word.words)])


async def exponent(bench: Bench, word: Word) -> int:
    """The power of ten that a SunSpec point names, as it stands now."""
    if word.factor is None or word.space == "entries":
        return 0
    line: Any = bench.line
    data = await line.read(word.unit, READS[word.space], word.factor, 1)
    return int(struct.unpack(">h", data)[0])


async def telegram(bench: Bench) -> dict[bytes, list[Any]]:
    """The entries of the next whole telegram that a meter sends."""
    line: Any = bench.line
    data, end = b"", bench.clock.now() + LONGEST
    while bench.clock.now() < end:
        data += await line.receive(LONGEST)
        if entries := decoding.sml_entries(data):
            return entries
    raise LineTimeout("no whole telegram")


def obis(code: str) -> bytes:
    """1-0:16.7.0 as a meter numbers it."""
    medium, _, rest = code.partition(":")
    number, _, storage = rest.partition("*")
    return bytes([*map(int, medium.split("-")), *map(int, number.split(".")), int(storage or 255)])


async def given(bench: Bench, word: Word, raw: float) -> None:
    """Give the device a raw number; Refused when it does not take it."""
    line: Any = bench.line
    if word.space == "objects":
        await line.send(decoding.rct_frame(decoding.RCT_WRITE, int(word.address), decoding.coded(word, raw)))
        await bench.sleep(0.1)
        return
    address = int(word.address)
    if word.space in BITS:
        await line.write(word.unit, 5, address, b"\xff\0" if raw else b"\0\0")
        return
    unit = units(bench)[word.unit]
    if unit.write_gap:
        await bench.sleep(unit.write_gap)
    function = 6 if word.words == 1 and 6 in unit.functions else 16
    await line.write(word.unit, function, address, decoding.coded(word, raw))


def held(bench: Bench, word: Word) -> Any:
    """What is true of the device for the quantity of a word, asked of its twin or face; None for none."""
    bench.device.wake()
    if word.space in ("objects", "entries"):
        face = bench.device.face
        return getattr(face if hasattr(face, word.quantity) else bench.twin, word.quantity)
    space = units(bench)[word.unit].spaces[word.space]
    owner = next((each for each in space.owners if hasattr(each, word.quantity)), None)
    try:
        return None if owner is None else getattr(owner, word.quantity)
    except Refusal:
        return REFUSED

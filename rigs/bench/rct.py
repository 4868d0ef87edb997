"""What RCT Power's frames write, and how it is put back: every object that can be written can be read.

Source: svalouch/python-rctclient:docs/protocol_overview.rst and its registry. The device answers a read and no write.
"""

import asyncio
import contextlib
import struct
from collections.abc import Sequence
from typing import Any

from controller.drivers.rct_frames import LONG_RESPONSE, READ, RESPONSE, START, WRITE, Frame, cut
from controller.errors import LineTimeout
from rigs.bench.journal import Entry
from rigs.bench.keeper import Keeper
from rigs.bench.meaning import Sort

SETPOINT, SOC = 0xBD008E29, 0x959930BF  # power_mng.battery_power_extern in W, battery.soc as a share
APART, PATIENCE, TRIES = 0.05, 1.0, 3  # s


class RctKeeper(Keeper):
    """A word is the id of an object in hex. A command is one frame: what is more, or broken, cannot be put back."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self._left = b""

    def reads(self, data: bytes) -> bool:
        frames, rest, damaged = cut(data)
        return not rest and not damaged and bool(frames) and all(frame.command == READ for frame in frames)

    def word(self, data: bytes) -> str:
        frame = _one(data)
        return f"{frame.object_id:08x}" if frame is not None and frame.command == WRITE else ""

    def sets(self, data: bytes) -> tuple[Sort, float] | None:
        frame = _one(data)
        if frame is None or frame.object_id != SETPOINT or len(frame.payload) != 4:
            return None
        return "W", float(struct.unpack(">f", frame.payload)[0])

    def heard(self, data: bytes) -> float | None:
        frames, self._left, _ = cut(self._left + data)
        shares = [
            struct.unpack(">f", each.payload)[0] for each in frames if each.object_id == SOC and len(each.payload) == 4
        ]
        return 100.0 * float(shares[-1]) if shares else None

    async def before(self, line: Any, word: str) -> Sequence[Entry]:
        return (Entry(self.place, name=word, asks="read", puts=await _puts(line, word)),)

    async def now(self, line: Any, entry: Entry) -> str:
        return await _puts(line, entry.name)

    async def put(self, line: Any, entry: Entry) -> None:
        await line.send(entry.puts.encode("latin-1"))
        await asyncio.sleep(APART)


def _one(data: bytes) -> Frame | None:
    """The frame in a command that is exactly one."""
    frames, rest, damaged = cut(data)
    return frames[0] if len(frames) == 1 and not rest and not damaged and data[0] == START else None


async def _puts(line: Any, word: str) -> str:
    """A frame that writes what the device holds of an object."""
    number = int(word, 16)
    for _ in range(TRIES - 1):
        with contextlib.suppress(LineTimeout):
            return await _asked(line, number)
    return await _asked(line, number)


async def _asked(line: Any, number: int) -> str:
    await line.send(Frame(READ, number).encode())
    return Frame(WRITE, number, await _answer(line, number)).encode().decode("latin-1")


async def _answer(line: Any, number: int) -> bytes:
    """The payload of the next answer for an object; LineTimeout when none comes."""
    loop, heard = asyncio.get_running_loop(), b""
    end = loop.time() + PATIENCE
    while (patience := end - loop.time()) > 0:
        heard += await line.receive(patience)
        frames, heard, _ = cut(heard)
        for frame in frames:
            if frame.command in (RESPONSE, LONG_RESPONSE) and frame.object_id == number:
                return frame.payload
    raise LineTimeout(f"object {number:08x} is not answered in {PATIENCE:g} s", address=number)

"""What KEBA's text commands change, and how each is put back: report 2 tells what the station held.

Source: KEBA, KeContact P30 UDP programmer's guide V2.01, p. 10-35. The station loses a command that comes within 100 ms
of the one before, and for 2 s after it was disabled.
"""

import contextlib
import json
from collections.abc import Mapping
from typing import Any, Protocol

from controller.errors import LineTimeout
from rigs.bench.journal import Entry

GAP, REST, PATIENCE = 0.12, 2.1, 1.0  # s
TRIES = 3
READING = ("i", "report")
REPORT = b"report 2"
PUTS = {  # first word -> what gives back what report 2 says
    "curr": "curr {Curr user}",
    "currtime": "curr {Curr user}",
    "ena": "ena {Enable sys}",
    "failsafe": "failsafe {Tmo FS} {Curr FS} 0",
    "setenergy": "setenergy {Setenergy}",
    "output": "output {Output}",
}


class Line(Protocol):
    """Datagrams that a keeper can ask with."""

    async def send(self, data: bytes) -> None: ...

    async def receive(self, timeout: float) -> bytes: ...


class Keeper:
    """Knows of one place what to ask before a command, and what to say to undo it."""

    def __init__(self, place: str) -> None:
        self._place = place

    def word(self, data: bytes) -> str:
        return data.decode("ascii", "replace").strip("\0\r\n ").partition(" ")[0]

    def reads(self, word: str) -> bool:
        return word in READING

    def rest(self, data: bytes) -> float:
        """s for which the station takes nothing after this."""
        return REST if data.startswith(b"ena 0") else GAP

    async def before(self, line: Line, word: str) -> Entry | None:
        """What the station holds of what this command changes; None when nothing gives it back."""
        if word not in PUTS:
            return None
        told = await self.told(line)
        puts = _filled(PUTS[word], told)
        return Entry(self._place, name=word, asks=REPORT.decode(), key=PUTS[word], puts=puts)

    async def now(self, line: Line, entry: Entry) -> str:
        """What would give back what the station holds now."""
        return _filled(entry.key, await self.told(line))

    async def put(self, line: Line, entry: Entry) -> None:
        """Give back what the station held."""
        await line.send(entry.puts.encode())
        with contextlib.suppress(LineTimeout):  # what the station holds now is asked next
            await line.receive(PATIENCE)

    async def told(self, line: Line) -> Mapping[str, Any]:
        """Report 2; what the station says unasked meanwhile is let pass, a question that is lost is asked again."""
        for _ in range(TRIES - 1):
            with contextlib.suppress(LineTimeout):
                return await _report(line)
        return await _report(line)


async def _report(line: Line) -> Mapping[str, Any]:
    """Report 2, asked for; LineTimeout when it does not come."""
    await line.send(REPORT)
    while True:
        data = await line.receive(PATIENCE)
        try:
            found = json.loads(data)
        except ValueError:
            continue
        if isinstance(found, dict) and found.get("ID") == "2":
            return found


def _filled(pattern: str, told: Mapping[str, Any]) -> str:
    text = pattern
    for key, value in told.items():
        text = text.replace(f"{{{key}}}", str(value))
    return text

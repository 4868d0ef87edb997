"""What KEBA's text commands change, and how each is put back: report 2 tells what the station held.

Source: KEBA, KeContact P30 UDP programmer's guide V2.01, p. 10-35. The station loses a command that comes within 100 ms
of the one before, and for 2 s after it was disabled.
"""

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from controller.errors import LineTimeout
from rigs.bench.journal import Entry
from rigs.bench.keeper import Keeper
from rigs.bench.meaning import Sort

GAP, REST, PATIENCE = 0.12, 2.1, 1.0  # s
TRIES = 3
READING = ("i", "report")
REPORT = b"report 2"
AMPERES = re.compile(r"curr(?:time)? (\d+)")  # mA; 0 ends the charge, 63000 is what the station may at most
PUTS = {  # first word -> what gives back what report 2 says
    "curr": "curr {Curr user}",
    "currtime": "curr {Curr user}",
    "ena": "ena {Enable sys}",
    "failsafe": "failsafe {Tmo FS} {Curr FS} 0",
    "setenergy": "setenergy {Setenergy}",
    "output": "output {Output}",
}


class KebaKeeper(Keeper):
    """A word is the first one of a command: `curr`."""

    def reads(self, data: bytes) -> bool:
        return self.word(data) in READING

    def word(self, data: bytes) -> str:
        return _text(data).partition(" ")[0]

    def sets(self, data: bytes) -> tuple[Sort, float] | None:
        found = AMPERES.match(_text(data))
        return ("A", int(found[1]) / 1000) if found else None

    def rest(self, data: bytes) -> float:
        return REST if data.startswith(b"ena 0") else GAP

    async def before(self, line: Any, word: str) -> Sequence[Entry]:
        if word not in PUTS:
            return ()
        puts = _filled(PUTS[word], await self.told(line))
        return (Entry(self.place, name=word, asks=REPORT.decode(), key=PUTS[word], puts=puts),)

    async def now(self, line: Any, entry: Entry) -> str:
        return _filled(entry.key, await self.told(line))

    async def put(self, line: Any, entry: Entry) -> None:
        await line.send(entry.puts.encode())
        with contextlib.suppress(LineTimeout):  # what the station holds now is asked next
            await line.receive(PATIENCE)

    async def told(self, line: Any) -> Mapping[str, Any]:
        """Report 2; what the station says unasked meanwhile is let pass, a question that is lost is asked again."""
        for _ in range(TRIES - 1):
            with contextlib.suppress(LineTimeout):
                return await _report(line)
        return await _report(line)


async def _report(line: Any) -> Mapping[str, Any]:
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


def _text(data: bytes) -> str:
    return data.decode("ascii", "replace").strip("\0\r\n ")


def _filled(pattern: str, told: Mapping[str, Any]) -> str:
    text = pattern
    for key, value in told.items():
        text = text.replace(f"{{{key}}}", str(value))
    return text

"""What KMTronic relay boards are told, and how it is put back: a board tells the state of all its relays.

Before the first is switched all are asked for, so that the rehearsal knows how the others stand: what a heat pump is
asked for is told by two of them together. Source: domoticz/domoticz:hardware/KMTronicUDP.cpp, KMTronicSerial.cpp.
"""

import re
from collections.abc import Sequence
from typing import Any

from controller.drivers.kmtronic import relays
from rigs.bench.journal import Entry
from rigs.bench.keeper import Keeper

UDP = re.compile(rb"FF(\d\d)(00|01)")
ASKS = (b"FF0000", b"\xff\x09\x00")


class RelayKeeper(Keeper):
    """A word is a relay: `relay 2`. `board` as in a site file: udp, usb, usb-8, rs485."""

    def __init__(self, place: str, board: str = "udp") -> None:
        super().__init__(place)
        self._board = board

    def reads(self, data: bytes) -> bool:
        status = len(data) == 3 and data[0] == 0xFF and (data[2] == 3 or data[1] & 0xF0 == 0xA0)
        return data in ASKS or status

    def word(self, data: bytes) -> str:
        if self._board == "udp":
            found = UDP.fullmatch(data)
            return f"relay {int(found[1])}" if found else ""
        return f"relay {data[1]}" if len(data) == 3 and data[0] == 0xFF and data[2] in (0, 1) else ""

    async def before(self, line: Any, word: str) -> Sequence[Entry]:
        closed = await relays(line, self._board).closed()
        return [
            Entry(self.place, name=f"relay {n}", asks="all", puts=self._puts(n, on)) for n, on in enumerate(closed, 1)
        ]

    async def now(self, line: Any, entry: Entry) -> str:
        number = int(entry.name.split()[1])
        return self._puts(number, (await relays(line, self._board).closed())[number - 1])

    async def put(self, line: Any, entry: Entry) -> None:
        await line.send(entry.puts.encode("latin-1"))

    def _puts(self, number: int, on: bool) -> str:
        return f"FF{number:02d}{on:02d}" if self._board == "udp" else bytes((0xFF, number, on)).decode("latin-1")

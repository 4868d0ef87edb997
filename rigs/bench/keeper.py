"""Keepers: what the commands of a maker's own protocol change, what the device holds of it, and what gives it back.

A command is the bytes of a datagram or frame, or an HTTP request told as bytes: method and path, a line end, the body.
"""

from collections.abc import Sequence
from typing import Any

from rigs.bench.journal import Entry
from rigs.bench.meaning import Sort

READS = (b"GET ", b"HEAD ")


class Keeper:
    """Of one place. This one knows of no command: what only reads over HTTP passes, and nothing else."""

    def __init__(self, place: str) -> None:
        self.place = place

    def reads(self, data: bytes) -> bool:
        """Whether nothing in the device is changed."""
        return data.startswith(READS)

    def word(self, data: bytes) -> str:
        """What of the device is changed, empty for what could not be put back."""
        return ""

    def sets(self, data: bytes) -> tuple[Sort, float] | None:
        """What is asked for, in W or A."""
        return None

    def rest(self, data: bytes) -> float:
        """s for which the device takes nothing after this."""
        return 0.0

    def heard(self, data: bytes) -> float | None:
        """The state of charge in % in what the device says."""
        return None

    async def before(self, line: Any, word: str) -> Sequence[Entry]:
        """What the device holds of it, and what else has to be known then; DeviceError when it does not tell."""
        return ()

    async def now(self, line: Any, entry: Entry) -> str:
        """What would give back what the device holds now."""
        return ""

    async def put(self, line: Any, entry: Entry) -> None:
        """Give back what the device held."""


def told(method: str, path: str, body: bytes) -> bytes:
    """An HTTP request as a command."""
    return f"{method} {path}\n".encode() + body


def request(command: bytes) -> tuple[str, str, bytes]:
    """Method, path and body of a command that is an HTTP request."""
    head, _, body = command.partition(b"\n")
    method, _, path = head.decode("latin-1").partition(" ")
    return method, path, body

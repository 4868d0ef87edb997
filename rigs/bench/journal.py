"""The journal of a bench: what every register held before the first write to it, on the disk before the write is sent.

A line of JSON for each region; a line without its end was never followed by a write. One process at a time has it: the
runner, or who puts things back after it. When everything is back where it was the file goes away.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from controller.errors import ConfigurationError

AGAIN = 0.05  # s between two looks whether it is free


@dataclass(frozen=True, slots=True)
class Entry:
    """A region and what it held. `before` in hex, as it is read; empty where it cannot be read.

    Of registers: unit, the function that writes them, first address. Of a maker's own commands: `asks` is what tells
    the value, `key` where it stands in the answer, `puts` what gives it back.
    `leaves`: what is written instead of what could not be read.
    """

    place: str
    unit: int = 0
    function: int = 0
    address: int = 0
    before: str = ""
    name: str = ""
    leaves: str = ""
    asks: str = ""
    key: str = ""
    puts: str = ""

    @property
    def coils(self) -> bool:
        return self.function in (5, 15)

    @property
    def held(self) -> bytes:
        """Two bytes a register or one a coil: what is to stand there again."""
        return bytes.fromhex(self.before or self.leaves)

    @property
    def count(self) -> int:
        return len(self.held) // (1 if self.coils else 2)


class Busy(ConfigurationError):
    """Another process has the journal."""


class Journal:
    """The file, opened for this process alone. `wait`: s in which another process may give it back."""

    def __init__(self, path: Path, *, wait: float = 0.0) -> None:
        self.path = path
        self._file: TextIO = self._opened(wait)
        self.entries: list[Entry] = list(_read(path))

    def _opened(self, wait: float) -> TextIO:
        end = time.monotonic() + wait
        while True:
            try:
                file = self.path.open("a+", encoding="utf-8")
            except OSError as error:
                raise ConfigurationError(
                    f"cannot be written: {error.strerror}", file=str(self.path), key="bench.journal"
                ) from error
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.close()
                if time.monotonic() >= end:
                    why = "another process works with this bench"
                    raise Busy(why, file=str(self.path), key="bench.journal") from error
                time.sleep(AGAIN)
                continue
            if _same(file, self.path):
                return file
            file.close()  # whoever had it has taken it away meanwhile

    def note(self, entry: Entry) -> None:
        """Keep an entry; on the disk when this returns."""
        self._file.write(json.dumps({key: value for key, value in asdict(entry).items() if value != ""}) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        if not self.entries:
            _sync(self.path.parent)
        self.entries.append(entry)

    def of(self, place: str) -> list[Entry]:
        return [each for each in self.entries if each.place == place]

    def done(self) -> None:
        """Everything is back where it was."""
        self.entries.clear()
        self._file.truncate(0)
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Give it back, as it is; an empty one goes away."""
        if not self.entries and not self._file.closed:
            self.path.unlink(missing_ok=True)
        self._file.close()


def left(path: Path) -> list[Entry]:
    """What an earlier run has left in a journal, whoever has it."""
    return list(_read(path)) if path.exists() else []


def _read(path: Path) -> Iterator[Entry]:
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if not line.endswith("\n"):
            return  # it was being written when the power went: nothing was sent after it
        try:
            told: dict[str, Any] = json.loads(line)
            yield Entry(**told)
        except (json.JSONDecodeError, TypeError) as error:
            raise ConfigurationError(f"line {number} is no entry of a journal", file=str(path)) from error


def _same(file: TextIO, path: Path) -> bool:
    try:
        return os.fstat(file.fileno()).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

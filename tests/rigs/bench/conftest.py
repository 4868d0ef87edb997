"""Real devices for a bench: emulators in processes of their own, on sockets and ptys, watched at their control APIs."""

import contextlib
import http.client
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PLAYING = Path(__file__).with_name("playing.py")
_HOSTS = itertools.count(1)


class Stage:
    """The process from which devices are forked."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(PLAYING)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def played(self, row: int, protocol: str, host: str = "", **changes: Any) -> "Played":
        """A device that stands when this returns."""
        assert self._process.stdin is not None and self._process.stdout is not None
        host = host or f"127.{60 + os.getpid() % 30}.{os.getpid() // 30 % 250}.{next(_HOSTS)}"
        self._process.stdin.write(json.dumps([row, protocol, host, changes]) + "\n")
        self._process.stdin.flush()
        return Played(row, protocol, json.loads(self._process.stdout.readline()))

    def end(self) -> None:
        self._process.communicate()


@dataclass
class Played:
    """A device in another process."""

    row: int
    protocol: str
    told: dict[str, Any]

    @property
    def line(self) -> str:
        if "pty" in self.told:
            return f'{{ device = "{self.told["pty"]}" }}'
        return f'{{ host = "{self.told["host"]}", port = {self.told["port"]} }}'

    def ask(self, path: str) -> Any:
        return self._control("GET", path)

    def writes(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("writes")
        return found

    def fault(self, name: str, **parameters: Any) -> None:
        self._control("POST", "faults", {"fault": name, **parameters})

    def mend(self, name: str) -> None:
        self._control("DELETE", f"faults/{name}")

    def end(self) -> None:
        os.kill(self.told["pid"], signal.SIGTERM)

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        with contextlib.closing(http.client.HTTPConnection(self.told["control"])) as line:
            told = json.dumps(body).encode() if body is not None else None
            line.request(method, f"/devices/{self.told['id']}/{path}", told, {"Content-Type": "application/json"})
            answer = line.getresponse()
            data = answer.read()
            assert answer.status < 400, data
            return json.loads(data)


Play = Callable[..., Played]


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    found = Stage()
    yield found
    found.end()


@pytest.fixture(scope="module")
def lasting(stage: Stage) -> Iterator[Play]:
    """Devices that stand for all tests of a module."""
    yield from _playing(stage)


@pytest.fixture
def play(stage: Stage) -> Iterator[Play]:
    """Devices that stand for one test."""
    yield from _playing(stage)


def _playing(stage: Stage) -> Iterator[Play]:
    standing: list[Played] = []

    def one(row: int, protocol: str, **changes: Any) -> Played:
        standing.append(stage.played(row, protocol, **changes))
        return standing[-1]

    yield one
    for each in standing:
        each.end()

"""Real devices for a bench: emulators in processes of their own, on sockets and ptys, watched at their control APIs."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

PLAYING = Path(__file__).with_name("playing.py")
_HOSTS = itertools.count(1)


@dataclass
class Played:
    """A device in another process."""

    row: int
    protocol: str
    told: dict[str, Any]
    process: "subprocess.Popen[str]"

    @property
    def line(self) -> str:
        if "pty" in self.told:
            return f'{{ device = "{self.told["pty"]}" }}'
        return f'{{ host = "{self.told["host"]}", port = {self.told["port"]} }}'

    def ask(self, path: str) -> Any:
        where = f"http://{self.told['control']}/devices/{self.told['id']}/{path}"
        return httpx.get(where, trust_env=False).raise_for_status().json()

    def writes(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("writes")
        return found

    def fault(self, name: str, **parameters: Any) -> None:
        where = f"http://{self.told['control']}/devices/{self.told['id']}/faults"
        httpx.post(where, json={"fault": name, **parameters}, trust_env=False).raise_for_status()

    def mend(self, name: str) -> None:
        where = f"http://{self.told['control']}/devices/{self.told['id']}/faults/{name}"
        httpx.delete(where, trust_env=False).raise_for_status()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


Play = Callable[..., Played]


def played(row: int, protocol: str, host: str = "", **changes: Any) -> Played:
    """A device that stands when this returns."""
    host = host or f"127.{60 + os.getpid() % 30}.{os.getpid() // 30 % 250}.{next(_HOSTS)}"
    process = subprocess.Popen(
        [sys.executable, str(PLAYING), str(row), protocol, host, json.dumps(changes)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return Played(row, protocol, json.loads(process.stdout.readline()), process)


@pytest.fixture
def play() -> Iterator[Play]:
    standing: list[Played] = []

    def one(row: int, protocol: str, **changes: Any) -> Played:
        standing.append(played(row, protocol, **changes))
        return standing[-1]

    yield one
    for each in standing:
        each.end()

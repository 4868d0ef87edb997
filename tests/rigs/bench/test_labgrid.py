"""labgrid's places are acquired for a run. labgrid is not installed here: its client is a small one of the tests."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from controller.errors import ConfigurationError
from rigs.bench.benchfile import Bench, load
from rigs.bench.journal import Entry, Journal
from rigs.bench.runner import NotRestored, Running

BENCH = """
[bench]
coordinator = "lab:20408"
[[place]]
name = "roof"
row = 18
device = "real"
labgrid = "roof 3"
line = { host = "127.0.0.1", port = 1 }
[[place]]
name = "wallbox"
row = 75
labgrid = "cellar"
"""


class Coordinator:
    """What labgrid's coordinator has, and the part of its client that is used."""

    def __init__(self, **holders: str) -> None:
        self.places = {name: SimpleNamespace(acquired=holder) for name, holder in holders.items()}
        self.asked: list[str] = []
        self.stub = self

    def session(self, address: str, loop: Any) -> "Coordinator":
        self.asked.append(address)
        return self

    def gethostname(self) -> str:
        return "bench"

    def getuser(self) -> str:
        return "tester"

    async def start(self) -> None: ...

    async def stop(self) -> None:
        self.asked.append("stop")

    async def close(self) -> None: ...

    async def AcquirePlace(self, request: str) -> None:
        self.asked.append(f"acquire {request}")

    async def ReleasePlace(self, request: str) -> None:
        self.asked.append(f"release {request}")


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[Coordinator]:
    found = Coordinator(**{"roof 3": "", "cellar": "bench/tester"})
    requests = SimpleNamespace(
        AcquirePlaceRequest=lambda placename: placename, ReleasePlaceRequest=lambda placename: placename
    )
    modules = {
        "labgrid": {}, "labgrid.remote": {}, "labgrid.remote.client": {"ClientSession": found.session},
        "labgrid.remote.generated": {"labgrid_coordinator_pb2": requests},
    }  # fmt: skip
    for name, content in modules.items():
        module = ModuleType(name)
        module.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, module)
    yield found


def bench(folder: Path) -> Bench:
    file = folder / "bench.toml"
    file.write_text(BENCH, encoding="utf-8")
    return load(file)


async def run(bench: Bench, **more: Any) -> None:
    async with Running(bench, watched=False, **more):
        pass


def test_places_are_acquired_for_a_run_and_released_after_it(lab: Coordinator, tmp_path: Path) -> None:
    asyncio.run(run(bench(tmp_path)))
    assert lab.asked == ["lab:20408", "acquire roof 3", "release cellar", "release roof 3", "stop"]


def test_a_place_is_kept_while_its_device_is_not_as_it_was(lab: Coordinator, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "bench.journal")
    journal.note(Entry("roof", 1, 6, 40_242, "0064", "WMaxLimPct"))
    journal.close()
    with pytest.raises(NotRestored, match="nothing listens at port 1"):
        asyncio.run(run(bench(tmp_path), lost=0.0))
    assert not any("release" in each for each in lab.asked)


def test_a_place_of_somebody_else_is_said_and_nothing_is_kept(lab: Coordinator, tmp_path: Path) -> None:
    lab.places["cellar"].acquired = "attic/somebody"
    with pytest.raises(
        ConfigurationError, match=r"place\[1\].labgrid: labgrid's place cellar is acquired by attic/somebody"
    ):
        asyncio.run(run(bench(tmp_path)))
    assert lab.asked == ["lab:20408", "acquire roof 3", "release roof 3", "stop"]
    del lab.places["roof 3"]
    with pytest.raises(ConfigurationError, match=r"place\[0\].labgrid: labgrid has no place 'roof 3', it has cellar"):
        asyncio.run(run(bench(tmp_path)))


def test_without_labgrid_it_is_said_how_it_is_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "labgrid", None)
    with pytest.raises(ConfigurationError, match=r"place\.labgrid: labgrid is not installed: pip install labgrid"):
        asyncio.run(run(bench(tmp_path)))

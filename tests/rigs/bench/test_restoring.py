"""What a bench has written is put back: at the end, after a violation, after kill -9, when a lost line comes back."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from controller.errors import ConfigurationError, WrongDevice
from rigs.bench.benchfile import load
from rigs.bench.envelope import EnvelopeViolation
from rigs.bench.journal import Entry, Journal, left
from rigs.bench.runner import NotRestored, Running

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # what the tests of this folder share with the programs beside them

from killing import rounds  # noqa: E402
from three import bench_of, registers  # noqa: E402
from working import Working  # noqa: E402

Play = Played = Any


@pytest.fixture(scope="module")
def three(lasting: Play, tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Played, Played]:
    """Three devices for all tests: each leaves them as they were."""
    tty = tmp_path_factory.mktemp("serial") / "tty"
    wallbox = lasting(75, "modbus-rtu", pty=str(tty), set={"plugged": True})
    return lasting(18, "modbus-tcp"), wallbox, lasting(65, "udp", set={"enabled": True})


async def worked(running: Running) -> None:
    await running.place("roof").driver().limit_power(3456.0)
    await running.place("wallbox").driver().limit_current(9.7)
    await running.place("box").driver().limit_current(11.0)


def test_everything_is_as_it_was_after_a_run(three: tuple[Played, Played, Played], tmp_path: Path) -> None:
    bench = bench_of(tmp_path, *three)
    before = asyncio.run(registers(bench))
    roof, wallbox, _ = three
    written = len(roof.writes())

    async def story() -> list[str]:
        async with Running(bench) as running:
            await worked(running)
            assert len(left(bench.journal)) >= 5  # it stands on the disk while it stands in the devices
        return [str(each) for each in running.restored]

    restored = asyncio.run(story())
    assert len(restored) == 3
    assert not bench.journal.exists()
    assert asyncio.run(registers(bench)) == before
    assert [write["accepted"] for write in roof.writes()[written:]].count(True) >= 4
    assert any(write["raw"] == 97 for write in wallbox.writes())


def test_what_is_written_after_everything_was_put_back_is_in_the_journal_again(
    three: tuple[Played, Played, Played], tmp_path: Path
) -> None:
    bench = bench_of(tmp_path, *three)

    async def story() -> None:
        async with Running(bench, watched=False) as running:
            driver = running.place("roof").driver()
            for watts in (3456.0, 4567.0):
                await driver.limit_power(watts)
                assert {entry.place for entry in left(bench.journal)} == {"roof"}
                await running.put_back()
                assert left(bench.journal) == []

    asyncio.run(story())
    assert not bench.journal.exists()


def test_a_violation_stops_the_story_and_everything_is_put_back(
    three: tuple[Played, Played, Played], tmp_path: Path
) -> None:
    bench = bench_of(tmp_path, *three)
    before = asyncio.run(registers(bench))

    async def story() -> None:
        async with Running(bench, watched=False) as running:
            box = running.place("box").driver()
            await box.limit_current(12.0)
            await box.limit_current(25.0)

    with pytest.raises(EnvelopeViolation, match=r"b'curr 25000' lets 25 A flow: the envelope allows at most 20 A"):
        asyncio.run(story())
    assert asyncio.run(registers(bench)) == before
    assert not any("25000" in str(write["raw"]) for write in three[2].writes())


def test_another_device_is_not_written_to(three: tuple[Played, Played, Played], tmp_path: Path) -> None:
    bench = bench_of(tmp_path, *three, serial="31329510")
    written = three[0].writes()

    async def story() -> None:
        async with Running(bench, watched=False) as running:
            await running.place("roof").driver().limit_power(3456.0)

    with pytest.raises(WrongDevice, match="serial number 31329509, the bench file has 31329510"):
        asyncio.run(story())
    assert three[0].writes() == written


def test_after_kill_9_the_dead_man_puts_everything_back_and_when_it_is_dead_too_the_next_start(
    three: tuple[Played, Played, Played], tmp_path: Path
) -> None:
    """One kill of each kind at a random command; `make killed` does it 500 times, at random points of time."""
    wrong, counted = rounds(2, 57, three, tmp_path, longest=0.0, say=False)
    assert wrong == []
    assert counted.startswith("2 kills, 1 left to the next start; ")


def test_a_runner_that_hangs_is_killed_and_everything_is_put_back(
    three: tuple[Played, Played, Played], tmp_path: Path
) -> None:
    bench = bench_of(tmp_path, *three, patience="2")
    before = asyncio.run(registers(bench))
    with Working(bench.file) as working:
        assert working.given(3) == 3
        assert working.killed(signal.SIGSTOP) == signal.SIGKILL
    assert not bench.journal.exists()
    assert asyncio.run(registers(bench)) == before


def test_ctrl_c_puts_everything_back(three: tuple[Played, Played, Played], tmp_path: Path) -> None:
    bench = bench_of(tmp_path, *three)
    before = asyncio.run(registers(bench))
    with Working(bench.file) as working:
        assert working.given(3) == 3
        assert working.killed(signal.SIGINT) == 0
    assert not bench.journal.exists()
    assert asyncio.run(registers(bench)) == before


def test_a_line_that_comes_back_is_waited_for(three: tuple[Played, Played, Played], tmp_path: Path) -> None:
    bench = bench_of(tmp_path, *three, timeout="0.2")
    before = asyncio.run(registers(bench))

    async def story(lost: float) -> None:
        async with Running(bench, watched=False, lost=lost) as running:
            await worked(running)
            three[0].fault("connect-refused")
            if lost:
                asyncio.get_running_loop().call_later(0.3, three[0].mend, "connect-refused")

    with pytest.raises(NotRestored, match="roof: NOT restored"):
        asyncio.run(story(0.0))
    assert left(bench.journal)
    three[0].mend("connect-refused")
    asyncio.run(story(30.0))
    assert asyncio.run(registers(bench)) == before


def test_a_line_that_was_being_written_when_the_power_went_is_no_entry(tmp_path: Path) -> None:
    path = tmp_path / "bench.journal"
    journal = Journal(path)
    journal.note(Entry("roof", 1, 6, 261, "00a0", "Maximal current command"))
    journal.close()
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"place": "roof"})[:9])
    assert [entry.address for entry in left(path)] == [261]
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="line 1 is no entry of a journal"):
        left(path)


def test_two_processes_never_work_with_one_bench(tmp_path: Path) -> None:
    first = Journal(tmp_path / "bench.journal")
    with pytest.raises(ConfigurationError, match="another process works with this bench"):
        Journal(tmp_path / "bench.journal")
    first.close()
    assert not (tmp_path / "bench.journal").exists()


def test_a_map_that_is_laid_out_otherwise_is_not_written_to(play: Play, tmp_path: Path) -> None:
    """Its factor of a limit is another one: 3000 would be 300 %."""
    file = tmp_path / "bench.toml"

    async def story() -> None:
        async with Running(load(file), watched=False) as running:
            await running.place("roof").driver().limit_power(3456.0)

    roof = play(18, "modbus-tcp", sunspec={"123": {"WMaxLimPct_SF": -1}})
    file.write_text(
        f'[[place]]\nname = "roof"\nrow = 18\ndevice = "real"\nserial = "31329509"\nline = {roof.line}\n'
        "[place.envelope]\npower = [0, 8200]\n", encoding="utf-8",
    )  # fmt: skip
    with pytest.raises(
        WrongDevice, match=r"ffff at register 402\d\d of unit 1, where its table has 123 WMaxLimPct_SF fffe"
    ):
        asyncio.run(story())
    assert roof.writes() == []

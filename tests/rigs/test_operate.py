"""`hem run` as it runs in a cellar: real sockets, real files, real signals."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import hem
from controller.drivers.serving import driver_for
from controller.installation import controller
from controller.log import Log
from controller.sitefile import check
from controller.store_sqlite import Sqlite
from rigs.background import Ground, Standing
from rigs.estate import settle
from rigs.loopback import LoopbackRig
from rigs.operate import SPREAD, Teller, as_json, operate, processes
from rigs.physical import RealClock

ROOF = {"name": "roof", "row": 1, "model": "STP 8.0"}


@pytest.fixture
def ground() -> Iterator[Ground]:
    found = Ground()
    yield found
    found.close()


def soon(true: Callable[[], bool], within: float = 15.0) -> bool:
    """Whether it becomes true in real time."""
    end = time.monotonic() + within
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def hear(process: "subprocess.Popen[bytes]", *wanted: bytes) -> bytes:
    """The line with the last of these words that is said, in whatever order."""
    missing = set(wanted)
    for line in process.stdout:
        missing = {each for each in missing if each not in line}
        if not missing:
            return line
    raise AssertionError(f"{missing} was never said; {process.stderr.read()!r}")


class Cellar:
    """A roof and four contact files, with the site file that names them."""

    def __init__(self, folder: Path, ground: Ground) -> None:
        self.roof: Standing = ground.device(1, model="STP 8.0")
        self.contacts = [folder / f"k{number}" for number in range(1, 5)]
        for contact in self.contacts:
            contact.write_text("0\n")
        self.file, self.store = folder / "site.toml", folder / "site.sqlite"
        files = ", ".join(f'"{contact}"' for contact in self.contacts)
        self.file.write_text(
            f'[[device]]\nname = "roof"\nrow = 1\nmodel = "STP 8.0"\nunit = {self.roof.unit}\n'
            f'line = {{ host = "{self.roof.host}", port = {self.roof.port} }}\n'
            f'[[device]]\nname = "operator"\nrow = 143\nline = {{ files = [{files}] }}\n'
        )

    @contextmanager
    def running(self) -> Iterator["subprocess.Popen[bytes]"]:
        """`hem run` on it; killed at the end if it still runs."""
        command = [sys.executable, "-m", "hem", "run", str(self.file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                yield process
            finally:
                process.kill()

    def limit(self) -> float:
        return float(self.roof.truth()["power_limit"])

    def ask(self, *closed: int) -> None:
        """The grid operator closes these contacts, K1 to K4, and opens the others."""
        for number, contact in enumerate(self.contacts, 1):
            contact.write_text("1\n" if number in closed else "0\n")


def test_the_controller_goes_on_when_nobody_reads_its_stdout_and_a_signal_ends_it_in_order(tmp_path, ground):
    cellar = Cellar(tmp_path, ground)
    with cellar.running() as process:
        first, second = process.stdout.readline(), process.stdout.readline()
        process.stdout.close()
        cellar.contacts[2].write_text("1\n")
        assert soon(lambda: cellar.limit() == 2400.0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stderr.read() == b""
    assert first == b"times are local time, Europe/Berlin, with their offset from UTC\n"
    assert second[19:25] in (b"+01:00", b"+02:00")
    assert cellar.limit() == 2400.0  # what the grid operator asked for stays
    store = Sqlite(cellar.store)
    assert store.load("standing")["roof"]["feed_in"][:2] == ["limit_power", 2400.0]
    store.close()


def test_a_signal_under_0_percent_leaves_the_inverter_at_0(tmp_path, ground):
    cellar = Cellar(tmp_path, ground)
    cellar.ask(4)
    with cellar.running() as process:
        assert soon(lambda: cellar.limit() == 0.0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert cellar.limit() == 0.0


def test_a_killed_controller_leaves_its_limit_which_the_next_one_keeps_while_it_is_wanted_and_lifts_when_not(
    tmp_path, ground
):
    cellar = Cellar(tmp_path, ground)
    free = cellar.limit()
    cellar.ask(3)
    with cellar.running() as process:
        assert soon(lambda: cellar.limit() == 2400.0)
        process.kill()
        process.wait(20)
    asked = len(cellar.roof.writes())
    with cellar.running() as process:
        hear(process, b" roof: online", b" operator: online")
        assert soon(lambda: len(cellar.roof.writes()) > asked)
        assert {write["raw"] for write in cellar.roof.writes()[asked:]} == {3000}  # not free in between either
        assert cellar.limit() == 2400.0
        process.kill()
        process.wait(20)
    cellar.ask()
    with cellar.running() as process:
        assert soon(lambda: cellar.limit() == free)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert cellar.limit() == free


def test_a_dead_device_is_named_and_the_others_hear_the_operator_at_once(tmp_path, ground):
    cellar = Cellar(tmp_path, ground)
    barn = ground.device(33)
    with cellar.file.open("a") as file:
        file.write(
            f'[[device]]\nname = "barn"\nrow = 33\nunit = {barn.unit}\n'
            f'line = {{ host = "{barn.host}", port = {barn.port} }}\n'
        )
    with cellar.running() as process:
        hear(process, b" barn: online")
        barn.fault_on("half-open")
        cellar.ask(3)
        assert soon(lambda: cellar.limit() == 2400.0, 3.0)
        hear(process, b" barn: offline")
        cellar.ask(2)
        assert soon(lambda: cellar.limit() == 4800.0, 3.0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_the_example_house_runs_on_emulators_of_its_own_until_a_signal_comes(tmp_path):
    command = [sys.executable, "-m", "hem", "run", "examples/house.toml", "--bus", "loopback"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            hear(process, *(f" {name}: online".encode() for name in ("roof", "battery", "wallbox", "grid", "rod")))
            process.stdout.close()
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
            assert process.stderr.read() == b""
        finally:
            process.kill()


def test_contacts_that_vanish_are_said_and_the_controller_goes_on(tmp_path, ground):
    cellar = Cellar(tmp_path, ground)
    with cellar.running() as process:
        hear(process, b" operator: online")
        cellar.contacts[1].unlink()
        said = hear(process, b" operator: ")
        cellar.contacts[1].write_text("1")
        assert soon(lambda: cellar.limit() == 4800.0)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert said.decode().strip().endswith(f"{cellar.contacts[1]}: No such file or directory")


@pytest.mark.parametrize("stands", ["nothing", "a folder"])
def test_contact_files_that_cannot_be_read_end_the_start_with_file_and_key(tmp_path, ground, stands):
    cellar = Cellar(tmp_path, ground)
    cellar.contacts[3].unlink()
    if stands == "a folder":
        cellar.contacts[3].mkdir()
    result = CliRunner().invoke(hem.app, ["run", str(cellar.file)])
    why = "No such file or directory" if stands == "nothing" else "Is a directory"
    assert result.exit_code == 2
    place = f"{cellar.file}: device[1].line.files"
    assert result.stderr == f"hem: {place}: a file for each contact, {cellar.contacts[3]} cannot be read: {why}\n"
    assert not cellar.store.exists()


def test_a_virtual_house_tells_its_events_in_local_time(tmp_path):
    (tmp_path / "site.toml").write_text('[[device]]\nname = "roof"\nrow = 1\nmodel = "STP 8.0"\npeak_power = 9200\n')
    result = CliRunner().invoke(hem.app, ["run", str(tmp_path / "site.toml"), "--bus", "simulated", "--hours", "0.1"])
    assert result.exit_code == 0, result.output
    header, online, *_ = result.stdout.splitlines()
    assert header == "times are local time, Europe/Berlin, with their offset from UTC"
    assert online == "2025-06-15 00:00:00+02:00 roof: online: SMA STP 8.0"
    assert [each.name for each in tmp_path.iterdir()] == ["site.toml"]


def test_a_line_that_hangs_is_named_and_revived_and_the_others_are_left_in_order(capfd):
    rods, roofs = driver_for(136, "modbus-tcp"), driver_for(1, "modbus-tcp")

    class Hanging(rods):
        """A rod whose driver hangs in its third reading."""

        readings = 0

        async def read(self) -> Any:
            Hanging.readings += 1
            if Hanging.readings == 3:
                await asyncio.Event().wait()
            return await super().read()

    async def story() -> Any:
        site = check({"device": [ROOF, {"name": "rod", "row": 136}]})
        async with LoopbackRig(pace=0.1) as rig:
            estate = settle(site, rig.clock.now, days=1)
            lines = await estate.wire_up(rig.connect)
            made = controller(site, lines, rig.clock, drivers=lambda row, _: Hanging if row == 136 else roofs)
            made.cycle = 0.1
            asyncio.get_running_loop().call_later(3.0, made.stop)
            await operate(made, patience=0.8, farewell=3.0)
            return made

    made = asyncio.run(story())
    out, err = capfd.readouterr()
    assert [line[26:] for line in err.splitlines()] == ["rod: has not moved for 0.8 s", "rod: started anew"]
    assert Hanging.readings > 5
    assert {name: member.state for name, member in made.members.items()} == {"roof": "online", "rod": "online"}
    assert " roof: online: SMA STP 8.0" in out


def test_a_time_that_is_given_ends_the_controller(capfd):
    async def story() -> float:
        site = check({"device": [ROOF]})
        async with LoopbackRig(pace=0.1) as rig:
            estate = settle(site, rig.clock.now, days=1)
            made = controller(site, await estate.wire_up(rig.connect), rig.clock)
            begin = time.monotonic()
            await operate(made, hours=1.2 / 3600)
            assert made.stopping
            return time.monotonic() - begin

    assert 1.0 < asyncio.run(story()) < 10.0
    assert capfd.readouterr().err == ""
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_store_that_cannot_be_made_is_said_once_and_harms_nothing(tmp_path, ground):
    cellar = Cellar(tmp_path, ground)
    cellar.store.mkdir()
    with cellar.running() as process:
        cellar.contacts[2].write_text("1\n")
        assert soon(lambda: cellar.limit() == 2400.0)
        os.kill(process.pid, signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert err == b""
    assert out.count(b"unable to open database file") == 1


def test_lines_begin_one_after_the_other_and_all_within_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    site = check({"device": [{**ROOF, "name": f"roof-{number}"} for number in range(450)]})
    estate = settle(site, time.time)
    lines = [(None, devices) for _, devices in estate.places]
    controlled = controller(site, lines, RealClock())  # type: ignore[arg-type]  # nobody uses a line here
    began: list[tuple[str, float]] = []
    delays: list[float] = []

    async def serve(line: Any) -> None:
        began.append((line[0].name, delays[-1]))

    async def sleep(seconds: float) -> None:
        delays.append(seconds)

    monkeypatch.setattr(controlled, "serve", serve)
    monkeypatch.setattr(asyncio, "sleep", sleep)

    async def begin() -> None:
        for process in processes(controlled)[:-1]:
            await process.start()

    asyncio.run(begin())
    assert [name for name, _ in began] == [f"roof-{number}" for number in range(450)]
    assert [delay for _, delay in began[:3]] == [0.0, SPREAD, 2 * SPREAD]
    assert all(0 <= delay < controlled.cycle for _, delay in began)


def test_events_are_told_to_programs_as_json_with_the_reason_apart(capfd):
    log = Log()
    log.append(1_750_000_000.25, 7.5, "roof", "limit_power 2400 (K3 closed: 30 %)")
    log.append(1_750_000_001.0, 8.25, 'dach "süd"', "online: SMA STP 8.0")
    Teller(log, "Europe/Berlin", as_json).tell()
    first, second = capfd.readouterr().out.splitlines()
    assert json.loads(first) == {
        "time": "2025-06-15T15:06:40.250Z", "device": "roof", "what": "limit_power 2400", "reason": "K3 closed: 30 %",
    }  # fmt: skip
    assert json.loads(second) == {
        "time": "2025-06-15T15:06:41.000Z", "device": 'dach "süd"', "what": "online: SMA STP 8.0",
    }  # fmt: skip

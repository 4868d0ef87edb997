"""Real devices that are commanded over a maker's own protocol: what passes, and that it is put back."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import hem
from controller.drivers.rct_frames import READ, WRITE, Frame
from rigs.bench.benchfile import Bench, load
from rigs.bench.envelope import EnvelopeViolation
from rigs.bench.journal import left
from rigs.bench.rct import SETPOINT, RctKeeper
from rigs.bench.runner import Running

Play = Any


def bench_of(folder: Path, device: Any, identity: str, envelope: str) -> Bench:
    file = folder / "bench.toml"
    file.write_text(
        f'[[place]]\nname = "it"\nrow = {device.row}\nprotocol = "{device.protocol}"\ndevice = "real"\n{identity}\n'
        f"line = {device.line}\n[place.envelope]\n{envelope}\n", encoding="utf-8",
    )  # fmt: skip
    return load(file)


def held(device: Any, *quantities: str) -> list[Any]:
    truth = device.ask("truth")
    return [truth[name] for name in quantities]


def test_a_station_on_http_is_told_within_its_envelope_and_is_as_it_was(play: Play, tmp_path: Path) -> None:
    device = play(84, "http", set={"plugged": True})
    bench = bench_of(tmp_path, device, "nameless = true", "current = [0, 12]\nrate = 500\ncurrent_rate = 20")
    before = held(device, "current_limit", "enabled")

    async def story() -> None:
        async with Running(bench, watched=False) as running:
            driver = running.place("it").driver()
            await driver.limit_current(10.0)
            assert held(device, "current_limit") == [10.0]
            await driver.pause()
            assert held(device, "enabled") == [False]
            assert {each.name for each in left(bench.journal)} == {"ampere 1", "release 1"}
            with pytest.raises(EnvelopeViolation, match="lets 14 A flow: the envelope allows at most 12 A"):
                await driver.limit_current(14.0)

    asyncio.run(story())
    assert held(device, "current_limit", "enabled") == before
    assert not bench.journal.exists()
    assert not any("manualmodeamp=14" in str(each["raw"]) for each in device.writes())


def test_what_an_eCB1_takes_besides_is_not_sent(play: Play, tmp_path: Path) -> None:
    device = play(84, "http")
    bench = bench_of(tmp_path, device, "nameless = true", "current = [0, 12]")

    async def story(path: str) -> None:
        async with Running(bench, watched=False) as running:
            await running.place("it").line.request("POST", path, body=b"mode=quick")

    with pytest.raises(EnvelopeViolation, match="changes something that could not be put back"):
        asyncio.run(story("/api/v1/pvmode"))
    with pytest.raises(EnvelopeViolation, match="lets 32 A flow"):
        asyncio.run(story("/api/v1/chargecontrols/1/mode"))
    assert [each["raw"] for each in device.writes() if "quick" in str(each["raw"])] == []


def test_a_battery_on_rct_powers_frames_is_charged_and_not_discharged(play: Play, tmp_path: Path) -> None:
    device = play(48, "tcp", set={"soc": 55.0})
    serial = device.ask("truth").get("serial", "")
    bench = bench_of(tmp_path, device, "nameless = true", "power = [-3000, 0]\nsoc = [20, 90]\nflash_per_day = 0")
    words = (f"{SETPOINT:08x}", "f168b748", "36a9e9a6")
    found: list[list[str]] = []

    async def look() -> None:
        async with Running(bench, watched=False) as running:
            line, keeper = running.place("it").line, RctKeeper("it")
            found.append([next(iter(await keeper.before(line, word))).puts for word in words])

    async def story() -> None:
        async with Running(bench, watched=False) as running:
            driver = running.place("it").driver()
            await driver.identify()
            await driver.read()  # the guard hears the state of charge
            await driver.charge(2100.0)
            assert {each.name for each in left(bench.journal)} == set(words)
            with pytest.raises(EnvelopeViolation, match=r"(commands|sets) 1500 W"):
                await driver.discharge(1500.0)
            for data in (Frame(WRITE, SETPOINT, b"\0\0\0\0").encode() * 2, Frame(READ, 1).encode()[:-1] + b"x"):
                with pytest.raises(EnvelopeViolation, match="could not be put back"):
                    await running.place("it").line.send(data)

    asyncio.run(look())
    asyncio.run(story())
    asyncio.run(look())
    assert found[0] == found[1]
    assert not bench.journal.exists()
    assert serial == ""


def test_two_relays_ask_a_heat_pump_only_for_what_the_envelope_has(play: Play, tmp_path: Path) -> None:
    device = play(135, "udp")
    bench = bench_of(tmp_path, device, "nameless = true", 'states = ["normal", "raised"]')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as somebody:
        somebody.sendto(b"FF0701", (device.told["host"], device.told["port"]))  # a relay for something else

    async def story() -> None:
        async with Running(bench, watched=False) as running:
            line = running.place("it").line
            await line.send(b"FF0201")
            assert len(left(bench.journal)) == 8
            with pytest.raises(EnvelopeViolation, match="asks the pump for forced: the envelope allows normal, raised"):
                await line.send(b"FF0101")

    asyncio.run(story())
    switched = [(each["target"], each["raw"]) for each in device.writes()]
    assert switched == [("relay 7", "FF0701"), ("relay 2", "FF0201"), ("relay 2", "FF0200")]


def test_an_envelope_for_a_wire_on_which_writing_is_not_built_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bench.toml"
    file.write_text(
        '[[place]]\nname = "meter"\nrow = 127\ndevice = "real"\nnameless = true\nline = { host = "192.0.2.7" }\n'
        "[place.envelope]\npower = [0, 10]\n", encoding="utf-8",
    )  # fmt: skip
    told = CliRunner().invoke(hem.app, ["bench", "check", "--offline", str(file)])
    assert told.exit_code == 2
    assert (
        "place[0].envelope: writing to row 127 on http is not built: without an envelope it is only read" in told.output
    )

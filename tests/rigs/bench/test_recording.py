"""Recordings: what crossed a line, replayed byte for byte, and the line explored without writing."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import hem
from controller.errors import ConfigurationError
from rigs.bench.benchfile import Bench, load
from rigs.bench.recording import Recording, read
from rigs.bench.replay_stand import served
from rigs.bench.replaying import exchanges
from rigs.bench.runner import Running
from rigs.physical import Modbus, SerialChannel, TcpChannel

Play = Any


def bench_of(folder: Path, *places: tuple[str, Any, str]) -> Bench:
    text = "".join(
        f'[[place]]\nname = "{name}"\nrow = {device.row}\nprotocol = "{device.protocol}"\ndevice = "real"\n{more}\n'
        f"line = {device.line}\n"
        for name, device, more in places
    )
    (folder / "bench.toml").write_text(text, encoding="utf-8")
    return load(folder / "bench.toml")


def recorded(bench: Bench, path: Path) -> None:
    """Every real device of a bench identified and read twice, in a recording."""

    async def story() -> None:
        recording = Recording(path)
        async with Running(bench, watched=False, heard=recording.of(bench)) as running:
            for settings in bench.real:
                driver = running.place(settings.name).driver()
                await driver.identify()
                await driver.read()
                await driver.read()
        recording.close()

    asyncio.run(story())


def call(*arguments: str) -> Result:
    return CliRunner().invoke(hem.app, list(arguments))


def test_a_replay_answers_byte_for_byte_on_tcp_serial_and_udp(play: Play, tmp_path: Path) -> None:
    roof, wallbox = play(18, "modbus-tcp", set={"power": 4321.0}), play(75, "modbus-rtu", pty=str(tmp_path / "tty"))
    box = play(65, "udp")
    bench = bench_of(tmp_path, ("roof", roof, ""), ("wallbox", wallbox, ""), ("box", box, ""))
    recorded(bench, tmp_path / "all.pcapng")
    places = {each.name: each for each in read(tmp_path / "all.pcapng")}
    assert len(list(exchanges(places["roof"]))) > 5

    async def tcp() -> None:
        station, told = await served(places["roof"], "127.0.0.1", 0, "")
        reader, writer = await asyncio.open_connection(told["host"], told["port"])
        for request, reply in exchanges(places["roof"]):
            writer.write(request)
            assert await reader.readexactly(len(reply)) == reply
        writer.close()
        await writer.wait_closed()
        await station.close()

    async def serial() -> None:
        station, told = await served(places["wallbox"], "", 0, str(tmp_path / "replayed"))
        line = SerialChannel(str(told["pty"]))
        pipe = await line.open()
        for request, reply in exchanges(places["wallbox"]):
            await line.write(request)
            while len(pipe.received) < len(reply):
                await pipe.wait(5.0)
                got, pipe.received = bytes(pipe.received), bytearray()
                assert reply.startswith(got)
                reply = reply[len(got) :]
        line.close()
        await station.close()

    async def udp() -> None:
        station, told = await served(places["box"], "127.77.1.2", 0, "")
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.setblocking(False)
            asking.bind(("127.77.1.3", 0))
            for request, reply in exchanges(places["box"]):
                await loop.sock_sendto(asking, request, (told["host"], told["port"]))
                assert await loop.sock_recv(asking, 4096) == reply
        await station.close()

    asyncio.run(tcp())
    asyncio.run(serial())
    asyncio.run(udp())


def test_a_driver_reads_the_replay_as_it_read_the_device(play: Play, tmp_path: Path) -> None:
    roof = play(18, "modbus-tcp", set={"power": 4321.0})
    recorded(bench_of(tmp_path, ("roof", roof, "")), tmp_path / "roof.pcapng")

    async def story() -> bytes:
        station, told = await served(read(tmp_path / "roof.pcapng")[0], "127.0.0.1", 0, "")
        line = Modbus(TcpChannel(str(told["host"]), int(told["port"])))
        data = await line.read(1, 3, 40_000, 2)
        line.close()
        await station.close()
        return data

    assert asyncio.run(story()) == b"SunS"


def test_a_recording_that_was_cut_short_is_read_to_there_and_other_files_are_refused(
    play: Play, tmp_path: Path
) -> None:
    path = tmp_path / "roof.pcapng"
    recorded(bench_of(tmp_path, ("roof", play(18, "modbus-tcp"), "")), path)
    whole = len(read(path)[0].events)
    path.write_bytes(path.read_bytes()[:-7])
    assert len(read(path)[0].events) == whole - 1
    other = tmp_path / "other.pcapng"
    other.write_bytes(b"\xd4\xc3\xb2\xa1" + bytes(40))
    with pytest.raises(ConfigurationError, match="is no recording of a bench"):
        read(other)


def test_scan_finds_units_and_sunspec_and_peek_shows_registers(play: Play) -> None:
    roof = play(18, "modbus-tcp")
    line = f"{roof.told['host']}:{roof.told['port']}"
    found = call("scan", line, "--units", "1-3,200,240", "--patience", "0.15")
    assert "unit 1, SunSpec at 40000" in found.output, found.output
    assert "unit 240, SunSpec at 40000" in found.output  # the meter behind it
    assert "unit 2" not in found.output.replace("unit 240", "")
    assert call("peek", line, "40000", "2").output == "40000: 5375 21365 21365 Su\n40001: 6e53 28243 28243 nS\n"
    assert roof.writes() == []


def test_scan_finds_the_speed_of_a_serial_line_and_says_when_nobody_answers(play: Play, tmp_path: Path) -> None:
    play(75, "modbus-rtu", pty=str(tmp_path / "tty"))
    found = call("scan", str(tmp_path / "tty"), "--units", "1", "--baud", "19200", "--parity", "E", "--patience", "0.3")
    assert found.output == "unit 1 at 19200 baud, parity E\n"
    nobody = call("scan", str(tmp_path / "tty"), "--units", "9", "--baud", "19200", "--parity", "E")
    assert (nobody.exit_code, nobody.output) == (1, "nobody answers\n")


def test_poke_writes_within_the_envelope_after_it_was_asked_and_is_put_back(play: Play, tmp_path: Path) -> None:
    device = play(30, "modbus-tcp", model="SG3.0RT")
    more = 'model = "SG3.0RT"\nserial = "A30243D0017"\nenvelope = { power = [0, 2000] }'
    bench = bench_of(tmp_path, ("roof", device, more))
    no = CliRunner().invoke(hem.app, ["poke", bench.file, "roof", "5007", "400"], input="n\n")
    assert (no.exit_code, device.writes()) == (1, [])
    assert "write 0190 to register 5007 of roof?" in no.output
    done = call("poke", bench.file, "roof", "5007", "400", "--yes")
    assert "5007: held 03e8, holds 0190" in done.output, done.output
    beyond = call("poke", bench.file, "roof", "5007", "900", "--yes")
    assert beyond.exit_code == 2
    assert "2700 W: the envelope allows at most 2000 W" in beyond.output
    assert call("bench", "restore", bench.file).output == "roof: restored, 1 put back\n"
    assert [write["raw"] for write in device.writes()] == [400, 1000]

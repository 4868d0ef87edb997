"""Recordings open in tshark with Modbus decoded, from TCP and from a serial line."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from rigs.bench.benchfile import load
from rigs.bench.recording import Recording, read
from rigs.bench.replaying import exchanges

Play = Any


def decoded(path: Path, kind: str, field: str) -> list[str]:
    """One field of every packet, as tshark decodes it."""
    assert shutil.which("tshark"), "tshark is missing: apt-get install tshark"
    command = ["tshark", "-r", str(path), "-d", kind, "-T", "fields", "-e", field]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return found.stdout.splitlines()


def test_modbus_of_tcp_and_of_a_serial_line_is_decoded(tmp_path: Path) -> None:
    file = tmp_path / "bench.toml"
    file.write_text(
        '[[place]]\nname = "roof"\nrow = 18\ndevice = "real"\nline = { host = "192.0.2.7" }\n'
        '[[place]]\nname = "wallbox"\nrow = 75\ndevice = "real"\nline = { device = "/dev/ttyUSB0" }\n',
        encoding="utf-8",
    )
    bench, path = load(file), tmp_path / "bench.pcapng"
    recording = Recording(path, lambda: 1_750_000_000.25)
    track = recording.of(bench)
    roof, wallbox = track("roof"), track("wallbox")
    roof.opened()
    roof.sent(bytes.fromhex("0001 0000 0006 01 03 9c40 0002"))
    roof.received(bytes.fromhex("0001 0000 0007 01 03 04 5375"))
    roof.received(bytes.fromhex("6e53"))
    wallbox.sent(bytes.fromhex("01 04 0004 0001 700b"))
    wallbox.received(bytes.fromhex("01 04 02 01"))
    wallbox.received(bytes.fromhex("08 b8a6"))
    wallbox.sent(bytes.fromhex("01 06 0105 0064 991c"))
    recording.close()
    functions = [each for each in decoded(path, "tcp.port==502,mbtcp", "modbus.func_code") if each]
    assert functions == ["3", "3"]
    words = [each for each in decoded(path, "tcp.port==502,mbtcp", "modbus.regval_uint16") if each]
    assert words == ["21365,28243"]
    functions = [each for each in decoded(path, "rtacser.data,mbrtu", "modbus.func_code") if each]
    assert functions == ["3", "3", "4", "4", "6"]
    assert next(each for each in decoded(path, "rtacser.data,mbrtu", "mbrtu.crc16") if each) == "0x700b"
    first = next(iter(exchanges(read(path)[1])))
    assert first == (bytes.fromhex("01040004 0001 700b"), bytes.fromhex("010402 0108 b8a6"))

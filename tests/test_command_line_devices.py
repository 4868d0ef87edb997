"""The command line at devices: readings with units and reasons, what was really sent, sites stood up."""

import errno
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import hem
from rigs import once
from rigs.background import Ground, Standing
from rigs.stations import unable

SITE = """
[[device]]
name = "roof"
row = 18
[[device]]
name = "grid/main"
row = 112
function = "grid-meter"
line = { device = "/dev/ttyUSB0" }
[[device]]
name = "flat 2"
row = 112
function = "meter"
unit = 2
line = { device = "/dev/ttyUSB0" }
"""


@pytest.fixture
def ground() -> Iterator[Ground]:
    """Emulated devices on this machine."""
    ground = Ground()
    yield ground
    ground.close()


def call(*arguments: str) -> Result:
    return CliRunner().invoke(hem.app, list(arguments))


def at(device: Standing, command: str, *more: str) -> Result:
    where = ["--serial", device.pty] if device.pty else ["--host", device.host, "--port", str(device.port)]
    unit = ["--unit", str(device.unit)] if device.unit else []
    return call(command, str(device.row), "--protocol", device.protocol, *unit, *where, *more)


def test_a_reading_has_units(ground: Ground) -> None:
    shown = at(ground.device(53, power=-3210.0, soc=61.7, voltage_l1=231.4), "read")
    assert shown.exit_code == 0, shown.output
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in shown.stdout.splitlines() if line}
    assert (lines["power"], lines["soc"], lines["voltage_l1"]) == ("-3210 W", "61.7 %", "231.4 V")
    assert (lines["model"], lines["rated_power"], lines["status"]) == ("SH5.0RT", "5000 W", "running")


def test_a_value_that_cannot_be_is_shown_absent_with_its_reason(ground: Ground) -> None:
    device = ground.device(112)
    ground.call(lambda: device._device.twin.set("power", float("inf")))
    shown = at(device, "read")
    assert re.search(r"^power +-  is not a number$", shown.stdout, re.MULTILINE)
    data = json.loads(at(device, "read", "--json").stdout)
    assert (data["reading"]["power"], data["doubts"]["power"]) == (None, "is not a number")


def test_watching_reads_again_and_again_and_survives_a_lost_device(ground: Ground) -> None:
    device = ground.device(112, power=1.0)
    seen: list[Any] = []
    lost: list[str] = []

    def say(found: dict[str, Any]) -> None:
        seen.append(found["reading"]["power"])
        device.set(power=seen[-1] + 70_000.0)
        if len(seen) == 2:
            device.fault_on("exception", code=11)
        if len(seen) == 3:
            raise KeyboardInterrupt

    def complain(error: Exception) -> None:
        lost.append(str(error))
        device.fault_off("exception")

    where = once.Where(112, device.protocol, serial=device.pty, unit=device.unit)
    with pytest.raises(KeyboardInterrupt):
        once.watch(where, say, complain, pause=0.01)
    assert seen == [1.0, 70_001.0, 140_001.0]
    assert len(lost) == 1 and "the device behind it does not" in lost[0]


@pytest.mark.parametrize(
    ("row", "arguments", "line"),
    [
        (53, ("--limit", "3000"), "limit_power 3000 W done, sent limit_share 60 % (3000 W), limit_switch 170"),
        (53, ("--charge", "99999"), "command 170, command_power 5000 W; not 99999 W: the device is rated 5000 W"),
        (65, ("--current", "40"), "set_current 32 A, set_enable 1; not 40 A: that is the most it takes"),
        (65, ("--current", "4.5"), "sent set_failsafe_current 6 A, set_failsafe_timeout 60 s, set_enable 0; below 6 A"),
        (18, ("--limit", "2500"), "done, sent limit_enabled 0, limit_percent "),
        (50, ("--release",), "release done, sent "),
    ],
)
def test_what_was_sent_is_said_and_why_it_is_not_what_was_asked(
    ground: Ground, row: int, arguments: tuple[str, ...], line: str
) -> None:
    told = at(ground.device(row), "write", *arguments)
    assert told.exit_code == 0, told.output
    assert line in told.stdout
    assert len(told.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("row", "protocol", "line"),
    [(65, "udp", "sent failsafe 60 6000 0, curr 9000, ena 1"), (47, "tcp", "battery_setpoint"), (84, "http", "POST ")],
)
def test_other_wires_say_what_was_sent_too(ground: Ground, row: int, protocol: str, line: str) -> None:
    device = ground.device(row, protocol)
    told = at(device, "write", "--charge" if row == 47 else "--current", "900" if row == 47 else "9")
    assert told.exit_code == 0, told.output
    assert line in told.stdout


@pytest.mark.parametrize("value", ["-5", "nan", "inf", "-inf"])
def test_a_command_that_is_no_power_is_one_line_and_exit_2(value: str) -> None:
    told = call("write", "53", "--host", "127.0.0.1", "--port", "1", f"--charge={value}")
    assert told.exit_code == 2
    assert told.stderr == f"hem: write: charge takes 0 W or more, not {float(value):g}\n"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("emulate 53 --set soc=150", "set: soc is 0 to 100, not 150; --force or ?force=true sets it all the same"),
        ("emulate 53 --set power=nan", "set: power is no number; --force"),
        ("emulate 53 --set voltage_l1=-230", "set: voltage_l1 is 0 to 100000, not -230; --force"),
        ("emulate 53 --port-offset 1000", "port-offset, pty-dir: for a site; one device takes --port or --pty"),
        ("emulate site.toml --port 1502", "port, pty, set: for one device; a site takes --port-offset and --pty-dir"),
        ("list --section cars", "section: unknown 'cars', known are pv-inverter, battery-inverter, "),
        ("list --row 200", "rows: '200' is outside rows 1 to 148"),
        ("show 149", "row: unknown row 149, expected 1 to 148"),
        ("read 53 --host 127.0.0.1 --meter 123", "meter: row 53 is not told by a serial number"),
    ],
)
def test_a_wrong_argument_is_named_with_what_was_expected(arguments: str, line: str) -> None:
    told = call(*arguments.split())
    assert told.exit_code == 2, told.output
    assert told.stderr.startswith(f"hem: {line}")
    assert told.stdout == ""


def test_a_port_that_only_root_may_have_names_the_way_out() -> None:
    said = unable(PermissionError(errno.EACCES, "Permission denied"), 502)
    assert said == (
        "Permission denied; ports below 1024 are root's: take another with --port, for a site with --port-offset"
    )
    assert unable(OSError(errno.EADDRINUSE, "Address already in use"), 502) == "Address already in use"


def test_a_site_stands_at_shifted_ports_and_named_serial_ends(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE)
    links = tmp_path / "lines"
    command = [sys.executable, "-m", "hem", "emulate", str(tmp_path / "site.toml"), "--port-offset", "20000"]
    with subprocess.Popen([*command, "--pty-dir", str(links)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [json.loads(process.stdout.readline()) for _ in range(3)]
        assert [each["id"] for each in told] == ["roof", "grid/main", "flat 2"]
        assert told[0]["port"] == 20502
        assert told[1]["pty"] == told[2]["pty"] == str(links / "grid_main")
        assert (told[1]["unit"], told[2]["unit"]) == (1, 2)
        assert call("read", "112", "--serial", told[2]["pty"], "--unit", "2").exit_code == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert list(links.iterdir()) == []


def test_the_list_can_be_asked_for_a_part() -> None:
    rows = json.loads(call("list", "--json", "--section", "dynamic-tariff").stdout)
    assert {each["section"] for each in rows} == {"dynamic-tariff"}
    assert [each["row"] for each in json.loads(call("list", "--json", "--row", "8,112").stdout)] == [8, 112]
    numbers = {flag: {each["row"] for each in json.loads(call("list", "--json", flag).stdout)} for flag in
               ("--built", "--not-built")}  # fmt: skip
    assert numbers["--built"] | numbers["--not-built"] == set(range(1, 149))
    assert 112 in numbers["--built"] - numbers["--not-built"]


def test_all_that_is_known_of_a_row_is_shown_to_people_and_programs() -> None:
    text = call("show", "61").stdout
    for words in ("needs an external meter", "SAX", "document: ", "commands: charge; discharge; release", "soc (%)"):
        assert words in text
    found = json.loads(call("show", "53", "--json").stdout)
    assert set(found["protocols"]) == {"modbus-tcp", "modbus-rtu"}
    side = found["protocols"]["modbus-rtu"]
    assert side["emulator"]["devices"]["53-1"]["battery_power"] == "W"
    assert side["emulator"]["sources"] and "meter" in side["emulator"]["options"]
    assert side["driver"]["commands"] == ["limit_power", "charge", "discharge", "release"]


def test_the_version_is_told_and_completion_can_be_installed() -> None:
    assert re.fullmatch(r"hemtwin \d+\.\d+\.\d+\S*\n", call("--version").stdout)
    assert "--install-completion" in call("--help").stdout

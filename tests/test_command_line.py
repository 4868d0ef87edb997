"""The command line: what a person got wrong is one clear line, exit code 2, and nothing half written."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import hem

HOUSE = str(Path(__file__).parents[1] / "examples" / "house.toml")
ONE = ["comply", "--rows", "112", "--scenario", "identify"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(hem.app, list(arguments))


def complaint(*arguments: str) -> str:
    """The one line that a call is refused with."""
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("hem: ")
    return line.removeprefix("hem: ")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("emulate 149", "row: unknown row 149, expected 1 to 148"),
        ("emulate 65 --protocol sml", "protocol: row 65 speaks modbus-tcp or udp, not 'sml'"),
        ("emulate 65 --model P40", "model: unknown model 'P40', expected one of P30 c-serie"),
        ("emulate 112 --set colour=1", "set: unknown quantity 'colour', this device has current_l1, "),
        ("emulate 112 --set power", "set: 'power' is not quantity=value"),
        ("emulate 112 --set power=much", "set: power is a number, not 'much'"),
        ("emulate 143 --set k1=2", "set: k1 is "),
        ("emulate 8 --pty ./line", "pty: modbus-tcp has no serial end that a link could show"),
        ("emulate 99 --port 5", "port: sml is a serial line and has no port"),
        ("emulate 112 --pty ./no/such/folder", "pty: cannot make the link no/such/folder: No such file or directory"),
        ("emulate 8 --host 10.1.2.3 --port 0", "port: cannot listen at 10.1.2.3:0: "),
        ("emulate 8 --control nowhere", "control: HOST:PORT, not 'nowhere'"),
        ("read 200 --host 127.0.0.1", "row: unknown row 200, expected 1 to 148"),
        ("read 8", "host: modbus-tcp needs --host"),
        ("read 112", "serial: modbus-rtu needs --serial DEVICE"),
        ("read 112 --serial ./gone", "serial: a serial line, ./gone cannot be used: No such file or directory"),
        ("write 8 --host 127.0.0.1", "exactly one of --limit --charge --discharge --current --power --pause --release"),
        ("write 8 --host 127.0.0.1 --limit 1 --charge 2", "exactly one of --limit"),
        ("comply --rows 200", "rows: '200' is outside rows 1 to 148"),
        ("comply --rows 1-", "rows: '1-' is no row or range such as 1-64,70"),
        ("comply --firmware 9", "firmware: unknown level '9', expected one of 1.32.0, 2.0.0, 2.0.1, 2.0.2, 3."),
        ("comply --protocol Modbus/TCP", "protocol: unknown 'Modbus/TCP', known are modbus-tcp, modbus-rtu, sml, "),
        ("comply --scenario tea", "scenario: unknown 'tea', known are identify, "),
        ("comply --engine steam", "engine: one of local, dask, not 'steam'"),
        ("comply --shard 3/2", "shard: i/n with 1 <= i <= n, not '3/2'"),
        ("comply --baseline gone.toml", "gone.toml: cannot be read: No such file or directory"),
        ("comply --merge gone", "gone/results.json: cannot be read: No such file or directory"),
        ("comply --compare 2.0.0 2.5.0", "compare: one of the levels that are run, 1.32.0, 2.0.0, "),
        ("comply --controller gone", "gone: controller: a checkout or a wheel with a package controller"),
        ("comply --changed-since gone", "changed-since: "),
        ("mutate --rows 0", "rows: '0' is outside rows 1 to 148"),
        ("run gone.toml", "gone.toml: cannot be read: No such file or directory"),
        (f"run {HOUSE} --bus magic", "bus: one of simulated, loopback, physical, not 'magic'"),
        (f"run {HOUSE} --firmware 9", "firmware: unknown level '9', expected one of "),
        ("simulate gone.toml", "gone.toml: cannot be read: No such file or directory"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_named_with_what_was_expected(place, arguments, line):
    assert complaint(*arguments.split()).startswith(line)
    assert list(place.rglob("results.json")) == []


def test_a_port_in_use_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"cannot listen at 127.0.0.1:{port}" in complaint("emulate", "8", "--port", str(port))
        assert f"control: 127.0.0.1:{port} cannot be used" in complaint(
            "emulate", "8", "--control", f"127.0.0.1:{port}"
        )


def test_a_file_in_the_way_of_a_pty_link_is_named_and_kept(place):
    (place / "meter").write_text("mine")
    assert complaint("emulate", "112", "--pty", "meter") == "pty: cannot make the link meter: File exists"
    assert (place / "meter").read_text() == "mine"


def test_a_plain_file_is_no_serial_line(place):
    (place / "meter").write_text("")
    assert complaint("read", "112", "--serial", "meter") == "serial: a serial line, meter is none"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[[device", "site.toml: is no TOML: "),
        ("", "site.toml: device: is missing"),
        ('[[device]]\nname = "roof"\nrow = 1\ncolour = "red"', "site.toml: device[0].colour: is no known key"),
        ('[[device]]\nname = "roof"\nrow = 200', "site.toml: device[0].row: unknown row 200, expected 1 to 148"),
        ('[[device]]\nname = "roof"\nrow = 1\nmodel = "X"', "site.toml: device[0].model: unknown model 'X'"),
        ('[[device]]\nname = "roof"\nrow = 1\nprotocol = "udp"', "site.toml: device[0].protocol: row 1 has modbus-tcp"),
        ('[site]\nfuse = -1\n[[device]]\nname = "roof"\nrow = 1', "site.toml: site.fuse: Input should be greater"),
        ('[site]\nfirmware = "9"\n[[device]]\nname = "roof"\nrow = 1', "site.toml: site.firmware: unknown level '9'"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["emulate", "run", "simulate"])
def test_a_broken_site_file_is_named_with_file_and_key(place, command, text, line):
    (place / "site.toml").write_text(text)
    assert complaint(command, "site.toml").startswith(line)
    assert [each.name for each in place.iterdir()] == ["site.toml"]


def test_an_unreadable_serial_line_of_a_site_is_named_with_file_and_key(place):
    (place / "site.toml").write_text(
        '[[device]]\nname = "grid"\nrow = 112\nfunction = "grid-meter"\nline = { device = "/dev/ttyGONE" }'
    )
    assert complaint("run", "site.toml") == (
        "site.toml: device[0].line.device: a serial line, /dev/ttyGONE cannot be used: No such file or directory"
    )


def test_a_report_that_cannot_be_written_is_noticed_before_the_work(place):
    (place / "report").write_text("mine")
    assert complaint(*ONE, "--out", "report").startswith("report: out: cannot be made a folder: ")
    assert (place / "report").read_text() == "mine"


def test_a_device_that_does_not_answer_is_one_line_and_exit_1():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    result = call("read", "8", "--host", "127.0.0.1", "--port", str(port))
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert f"127.0.0.1:{port}" in result.stderr


def test_hem_list_has_148_rows_for_programs_and_for_people():
    rows = json.loads(call("list", "--json").stdout)
    assert [each["row"] for each in rows] == list(range(1, 149))
    keys = "row section manufacturer model protocols since planned variants evidence claims"
    assert all(set(keys.split()) <= set(each) for each in rows)
    assert "modbus-rtu" in call("list").stdout


def test_a_campaign_says_where_its_report_is_and_ends_with_0(place):
    result = call(*ONE, "--protocol", "modbus-rtu", "--firmware", "2.0.0", "--out", "report")
    assert result.exit_code == 0, result.output
    assert "report/index.html" in result.stdout
    assert {each.name for each in (place / "report").iterdir()} >= {"index.html", "results.json", "junit.xml"}


def test_wrong_arguments_of_a_real_call_end_without_a_traceback(place):
    done = subprocess.run([sys.executable, "-m", "hem", "emulate", "149"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "hem: row: unknown row 149, expected 1 to 148\n"
    done = subprocess.run([sys.executable, "-m", "hem", "read", "many"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr

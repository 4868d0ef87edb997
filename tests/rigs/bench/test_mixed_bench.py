"""A bench of three real devices, in other processes on TCP, a serial line and UDP, and four emulated ones."""

import json
from pathlib import Path
from typing import Any

import jsonschema
from typer.testing import CliRunner

import hem
import scenarios.campaign

SCHEMA = Path(scenarios.campaign.__file__).with_name("results.schema.json")
Play = Any


def mixed(folder: Path, play: Play) -> Path:
    """The file, with an inverter in the sun, a wallbox with a car and one without."""
    roof = play(18, "modbus-tcp", set={"power": 5000.0, "power_l1": 1600.0, "power_l2": 1700.0, "power_l3": 1700.0})
    wallbox = play(75, "modbus-rtu", pty=str(folder / "tty"), set={"plugged": True})
    box = play(65, "udp", set={"enabled": True})
    places = [
        ("roof", roof, 'serial = "31329509"', "power = [0, 8200]"),
        ("wallbox", wallbox, 'firmware = "2037"', "current = [0, 16]\nflash_per_day = 30"),
        ("box", box, 'serial = "18416854"', "current = [0, 20]"),
    ]
    text = '[bench]\nname = "cellar"\ntimeout = 0.2\nwaits = 1\n'
    for name, device, identity, envelope in places:
        text += f'[[place]]\nname = "{name}"\nrow = {device.row}\nprotocol = "{device.protocol}"\ndevice = "real"\n'
        text += f"{identity}\nline = {device.line}\n[place.envelope]\n{envelope}\n"
    for name, row in (("grid", 112), ("hybrid", 53), ("string", 30), ("second wallbox", 78)):
        text += f'[[place]]\nname = "{name}"\nrow = {row}\n'
    file = folder / "cellar.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_one_report_has_what_was_seen_of_devices_and_of_emulators_apart(play: Play, tmp_path: Path) -> None:
    file = mixed(tmp_path, play)
    found = CliRunner().invoke(hem.app, ["comply", "--bench", str(file), "--out", str(tmp_path / "out")])
    assert found.exit_code == 0, found.output
    data = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(data, json.loads(SCHEMA.read_text(encoding="utf-8")))
    device = {(each["place"], each["scenario"]): each for each in data["results"] if each["evidence"] == "device"}
    emulated = [each for each in data["results"] if each["evidence"] != "device"]
    assert {place for place, _ in device} == {"roof", "wallbox", "box"}
    assert device["roof", "follow"]["verdict"] == "pass"
    assert device["wallbox", "release"]["verdict"] == device["roof", "stranger"]["verdict"] == "pass"
    assert "a release lets flow more than the envelope allows" in device["box", "release"]["detail"]
    assert "it would take 78 s, the bench file waits 1 s at most" in device["roof", "silence"]["detail"]
    assert device["wallbox", "device/broken-line"]["verdict"] == "pass"
    assert device["box", "device/broken-line"]["verdict"] == "not applicable"
    assert (device["roof", "read"]["serial"], device["roof", "read"]["firmware"]) == (
        "31329509", "0.3.30.1",
    )  # fmt: skip
    assert {each["row"] for each in emulated} == {18, 75, 65, 112, 53, 30, 78}
    assert not any("serial" in each for each in emulated)
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "31329509" in page
    assert page.count("<strong>") == 3
    assert not (tmp_path / "cellar.journal").exists()

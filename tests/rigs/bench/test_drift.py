"""`hem drift`: one register that the device has otherwise is found by its name."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import hem

Play = Any
TRUTH = {
    "power": 2345.0,
    "voltage_l1": 231.4,
    "voltage_l2": 229.7,
    "voltage_l3": 232.6,
    "temperature": 41.3,
    "energy": 123_456_000.0,
}


def drifted(play: Play, folder: Path, rows: dict[str, dict[str, Any]], *, instrument: bool = True) -> Result:
    """The drift of a Sungrow SG3.0RT whose maker has changed these cells of its table."""
    device = play(30, "modbus-tcp", model="SG3.0RT", rows=rows, set=TRUTH)
    truth = ", ".join(f"{name} = {value}" for name, value in TRUTH.items()) if instrument else ""
    file = folder / "bench.toml"
    file.write_text(
        f'[[place]]\nname = "roof"\nrow = 30\nmodel = "SG3.0RT"\ndevice = "real"\nline = {device.line}\n'
        f"truth = {{ {truth} }}\n", encoding="utf-8",
    )  # fmt: skip
    found = CliRunner().invoke(hem.app, ["drift", str(file), "--out", str(folder / "proposal.toml")])
    assert device.writes() == []
    return found


def test_a_device_as_its_table_has_it_has_not_drifted(play: Play, tmp_path: Path) -> None:
    found = drifted(play, tmp_path, {})
    assert found.exit_code == 0, found.output
    told = re.search(r"roof: (\d+) rows compared, 0 differ, (\d+) unjudged; answers in", found.output)
    assert told is not None, found.output
    assert int(told[1]) > 50


@pytest.mark.parametrize(
    ("address", "cells", "said", "proposed"),
    [
        (5070, {"5": "=750"}, 'value: input 5070 "Array insulation resistance" of unit 1: expected 748, found 750',
         '[5070, "U16", 1, "r", "Array insulation resistance", "=750"],'),
        (5018, {"2": 1.0}, 'scale: input 5018 "A-B line voltage / phase A voltage" of unit 1: expected 231.4',
         '[5018, "U16", 1, "r", "A-B line voltage / phase A voltage", "voltage_l1"],'),
        (5030, {"2": -1.0}, 'sign: input 5030 "Total active power" of unit 1: expected 2345, found -2345',
         '[5030, "S32", -1, "r", "Total active power", "power"],'),
        (5003, {"1": "U32 high first"}, 'word order: input 5003 "Total power yields" of unit 1: expected 1.23456e+08',
         '[5003, "U32 high first", 1000, "r", "Total power yields", "energy"],'),
        (5035, {"3": "w"}, 'exception: input 5035 "Grid frequency" of unit 1: expected 01f4, found exception 2',
         "# [5035,"),
    ],
    ids=["value", "scale", "sign", "word order", "exception"],
)  # fmt: skip
def test_one_register_that_differs_is_found_by_name(
    play: Play, tmp_path: Path, address: int, cells: dict[str, Any], said: str, proposed: str
) -> None:
    found = drifted(play, tmp_path, {f"input {address}": cells})
    assert found.exit_code == 1, found.output
    assert said in found.output
    assert ", 1 differ, " in found.output
    proposal = (tmp_path / "proposal.toml").read_text(encoding="utf-8")
    assert proposal.startswith("# roof: emulators/sungrow/sg.toml\n")
    assert proposed in proposal


def test_what_an_instrument_shows_and_the_device_has_not_is_a_difference(play: Play, tmp_path: Path) -> None:
    found = drifted(play, tmp_path, {"input 5018": {"1": "gone"}})
    assert (
        'value: input 5018 "A-B line voltage / phase A voltage" of unit 1: expected 231.4, found nothing'
        in found.output
    )


def test_without_an_instrument_it_is_held_against_what_such_a_quantity_can_be(play: Play, tmp_path: Path) -> None:
    found = drifted(play, tmp_path, {"input 5018": {"2": 1.0}}, instrument=False)
    assert (
        'scale: input 5018 "A-B line voltage / phase A voltage" of unit 1: expected 150 to 320, found' in found.output
    )
    assert ", 1 differ, " in found.output

"""`hem bench`: what a file comes to, who answers, what is put back."""

from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

import hem
from rigs.bench.journal import Entry, Journal

Play = Any


def call(*arguments: str) -> Result:
    return CliRunner().invoke(hem.app, ["bench", *arguments])


def written(folder: Path, line: str, serial: str = "A30243D0017") -> str:
    file = folder / "bench.toml"
    place = f'name = "roof"\nrow = 30\nmodel = "SG3.0RT"\ndevice = "real"\nserial = "{serial}"\nline = {line}'
    file.write_text(f"[[place]]\n{place}\nenvelope = {{ power = [0, 2000] }}\n", encoding="utf-8")
    return str(file)


def test_check_says_what_may_be_done_and_who_answers(play: Play, tmp_path: Path) -> None:
    device = play(30, "modbus-tcp", model="SG3.0RT")
    found = call("check", written(tmp_path, device.line))
    assert found.exit_code == 0, found.output
    assert "roof: row 30 modbus-tcp SG3.0RT, real" in found.output
    assert "  envelope: power 0 to 2000 W, 60 writes a minute, 0 to flash a day" in found.output
    assert "roof: Sungrow SG3.0RT, serial number A30243D0017, firmware none told" in found.output
    other = call("check", written(tmp_path, device.line, "A30243D0018"))
    assert other.exit_code == 1
    assert "with serial number A30243D0017, the bench file has A30243D0018" in other.output
    assert call("check", "--offline", written(tmp_path, device.line, "A30243D0018")).exit_code == 0
    assert device.writes() == []


def test_a_mistake_in_the_file_is_one_line_and_exit_2(tmp_path: Path) -> None:
    found = call("check", written(tmp_path, "{ port = 502 }"))
    assert found.exit_code == 2
    assert "bench.toml: place[0].line.host: is missing" in found.output


def test_restore_puts_back_what_an_earlier_run_has_left(play: Play, tmp_path: Path) -> None:
    device = play(30, "modbus-tcp", model="SG3.0RT")
    file = written(tmp_path, device.line)
    assert call("restore", file).output == "nothing is to be put back\n"
    journal = Journal(tmp_path / "bench.journal")
    journal.note(Entry("roof", 1, 6, 5007, "0190", "Power limitation setting"))
    journal.close()
    assert "1 regions of roof are to be put back: hem bench restore" in call("check", "--offline", file).output
    assert call("restore", file).output == "roof: restored, 1 put back\n"
    assert [(write["target"], write["raw"]) for write in device.writes()] == [(5007, 400)]
    assert not (tmp_path / "bench.journal").exists()

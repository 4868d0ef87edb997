"""Bench files: what may stand in them, and what is said of what may not."""

from pathlib import Path

import pytest

from controller.errors import ConfigurationError
from rigs.bench.benchfile import load

GOOD = """
[bench]
name = "cellar"
[[place]]
name = "roof"
row = 23
device = "real"
serial = "3001"
line = { host = "192.0.2.7" }
wired = "grid"
[place.envelope]
power = [0, 3000]
forbidden = ["40200-40299", 42109]
hours = ["08:00-18:00"]
[[place]]
name = "grid"
row = 112
"""


def written(folder: Path, text: str) -> str:
    file = folder / "cellar.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_bench_has_real_and_emulated_places_and_a_journal_beside_it(tmp_path: Path) -> None:
    bench = load(written(tmp_path, GOOD))
    roof, grid = bench.place
    assert (roof.real, grid.real, grid.protocol) == (True, False, "modbus-rtu")
    assert roof.envelope is not None
    assert roof.envelope.forbidden == ((40200, 40299), (42109, 42109))
    assert bench.journal == tmp_path / "cellar.journal"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("row = 23", "row = 999", "place[0].row: "),
        ("wired = \"grid\"", "wired = \"loft\"", "place[0].wired: the name of another place, not 'loft'"),
        ('serial = "3001"\n', "", "place[0].serial: is missing: who may be written to"),
        ('line = { host = "192.0.2.7" }', "", "place[0].line: is missing"),
        ("power = [0, 3000]", "power = [3000, 0]", "place[0].envelope.power: the least before the most"),
        ('"40200-40299"', '"40299-40200"', 'place[0].envelope.forbidden: registers as 42109 or "40200-40299"'),
        ('"08:00-18:00"', '"8 to 6"', 'place[0].envelope.hours: hours as "08:00-18:00"'),
        ('name = "grid"\nrow', 'name = "roof"\nrow', "place.name: each name once"),
        ("row = 112", 'row = 112\nserial = "7"', "place[1].serial: is for a real device"),
        ("[place.envelope]", "[place.envelope]\nvolume = 3", "place[0].envelope.volume: is no known key"),
        ("[bench]", "[bench", "is no TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_file_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    file = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ConfigurationError) as caught:
        load(file)
    assert str(caught.value).startswith(file)
    assert said in str(caught.value)


def test_the_example_is_right() -> None:
    bench = load(Path(__file__).parents[3] / "examples" / "bench.toml")
    assert [place.name for place in bench.real] == ["roof", "wallbox", "meter"]
    assert bench.at("meter").envelope is None

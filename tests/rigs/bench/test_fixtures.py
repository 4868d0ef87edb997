"""The fixtures `hem_bench` and `hem_place`: tests of real devices, left out where there are none."""

from pathlib import Path
from typing import Any

Play = Any
pytest_plugins = ["pytester"]
BARE = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest")
TEST = """
import pytest
from rigs.bench.envelope import EnvelopeViolation

@pytest.mark.hem_real("roof")
def test_the_roof_is_limited_within_its_envelope_and_not_beyond_it(hem_place, hem_bench):
    roof = hem_place("roof")
    assert roof.identify().serial == "A30243D0017"
    roof.command("limit_power", 1200)
    assert roof.read()["power_limit"] == 1200
    with pytest.raises(EnvelopeViolation):
        hem_bench.place("roof").command("limit_power", 2900)
    assert len(hem_bench.place("roof").violations) == 1

@pytest.mark.hem_real("loft")
def test_of_a_place_that_is_not_there(hem_place):
    raise AssertionError
"""


def test_tests_take_real_places_and_leave_them_as_they_were(play: Play, pytester: Any, tmp_path: Path) -> None:
    device = play(30, "modbus-tcp", model="SG3.0RT")
    file = tmp_path / "bench.toml"
    file.write_text(
        f'[[place]]\nname = "roof"\nrow = 30\nmodel = "SG3.0RT"\ndevice = "real"\nserial = "A30243D0017"\n'
        f"line = {device.line}\n[place.envelope]\npower = [0, 2000]\n", encoding="utf-8",
    )  # fmt: skip
    pytester.makepyfile(TEST)
    found = pytester.runpytest_subprocess("--hem-bench", str(file), *BARE)
    found.assert_outcomes(passed=1, skipped=1)
    held = {write["target"]: write["raw"] for write in device.writes()}
    assert (held[5007], held[5006]) == (1000, 0xAA)
    assert all(write["raw"] <= 1000 for write in device.writes())


def test_without_a_bench_they_are_left_out(pytester: Any) -> None:
    pytester.makepyfile(TEST)
    pytester.runpytest_subprocess(*BARE).assert_outcomes(skipped=2)

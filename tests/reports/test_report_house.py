"""A simulated house on paper."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reports.balance import days, power, series, write
from reports.terminal import cars


def result(hours: int = 60) -> dict[str, Any]:
    """Sunny days at the summer solstice, a sample every ten minutes from 22:00 UTC, midnight in Berlin."""
    time = 1_750_370_400.0 + 600.0 * np.arange(hours * 6)
    sun = np.clip(np.sin((time - time[0]) / 86400 * 2 * np.pi - np.pi / 2), 0, None) * 70_123
    return {
        "site": "Haus Größe", "turnover": 533_259.03, "residual": 4.95e-07, "residual_share": 9.3e-13,
        "self_consumption": 0.313, "autarky": None, "generated": 511_453.98, "imported": 412.79,
        "losses": {"battery": 2019.83}, "devices": {"roof": [327_192.5, 0.0]},
        "functions": {"roof": "pv", "store": "battery", "grid": "grid-meter", "rod": "heater"},
        "series": {
            "time": time, "load": np.full(len(time), 300.0), "grid": np.full(len(time), -938.5), "roof": sun,
            "store": np.full(len(time), -1155.5), "store_pv": sun / 2, "store_soc": np.linspace(50, 97.3, len(time)),
        },
        "events": [[time[5], "store", "charge 1155 <W>"]],
        "departures": 3,
        "missed": [{"charger": "wallbox", "time": time[9], "missing": 3210.5, "local": "2025-06-20 01:30:00+02:00"}],
    }  # fmt: skip


def test_series_are_told_by_function_and_the_hybrids_sun_counts_as_sun() -> None:
    table = series(result())
    assert list(table) == ["load", "grid", "pv", "battery", "soc store"]
    assert table["pv"].max() == pytest.approx(1.5 * 70_123, rel=1e-3)
    assert str(table.index[0]) == "2025-06-20 00:00:00+02:00"


def test_a_day_is_a_local_day_and_its_energy_in_kwh() -> None:
    daily = days(series(result()))
    assert [str(day) for day in daily.index] == ["2025-06-20", "2025-06-21", "2025-06-22"]
    assert daily["Household"].iloc[0] == pytest.approx(7.2)
    assert daily["Export"].iloc[1] == pytest.approx(0.9385 * 24)
    assert daily["Import"].iloc[1] == 0.0
    assert daily["Charged"].iloc[2] == pytest.approx(1.1555 * 12)


def test_a_run_that_ends_at_midnight_has_no_day_after_it() -> None:
    whole = result(hours=48)
    for name, values in whole["series"].items():
        whole["series"][name] = np.append(values, values[-1] + 600.0 if name == "time" else values[-1])
    daily = days(series(whole))
    assert [str(day) for day in daily.index] == ["2025-06-20", "2025-06-21"]
    assert daily["Household"].iloc[1] == pytest.approx(7.2)


def test_a_cursor_over_the_plots_finds_every_value_with_its_local_time(tmp_path: Path) -> None:
    page = write(result(), tmp_path).read_text()
    told = json.loads(page.split('id="looked-at">')[1].split("</script>")[0])
    at = told["times"].index("2025-06-20 14:40+02:00")
    assert told["columns"]["grid"][at] == -938.5
    assert told["columns"]["pv"][at] > 65_535
    assert (told["words"]["pv"], told["units"]["soc store"]) == ("PV", "%")
    places = re.findall(r'data-left="([0-9.]+)" data-right="([0-9.]+)"', page)
    assert len(places) == 2
    assert all(0 < float(left) < 0.2 < 0.9 < float(right) <= 1 for left, right in places)


def test_balance_plots_and_page_are_written_and_the_same_each_time(tmp_path: Path) -> None:
    index = write(result(), tmp_path / "one")
    write(result(), tmp_path / "two")
    names = {path.name for path in (tmp_path / "one").iterdir()}
    assert names == {"balance.json", "series.csv", "power.svg", "soc.svg", "days.svg", "index.html"}
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in names)
    balance = json.loads((tmp_path / "one" / "balance.json").read_text())
    assert balance["turnover"] == 533_259.03
    assert "series" not in balance
    for told in ("Haus Größe", "31.3 %", "511.45", "charge 1155 &lt;W&gt;", "<svg"):
        assert told in index.read_text()
    for told in ("local time", "(Europe/Berlin)", "2025-06-20 00:50:00+02:00", "2025-06-20 01:30:00+02:00", "3.2 kWh"):
        assert told in index.read_text()


def test_a_site_elsewhere_is_told_in_its_own_time(tmp_path: Path) -> None:
    index = write({**result(), "time_zone": "Europe/London"}, tmp_path)
    assert "2025-06-19 23:50:00+01:00" in index.read_text()
    assert (tmp_path / "series.csv").read_text().splitlines()[1].startswith("2025-06-19T23:00:00+0100,")


def test_cars_that_left_with_energy_missing_are_told_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    cars(result())
    assert capsys.readouterr().out.splitlines() == [
        "cars left 3 times, 1 times with energy missing (local time):",
        "  2025-06-20 01:30:00+02:00 wallbox: 3.2 kWh missing",
    ]
    cars({**result(), "departures": 0, "missed": []})
    assert capsys.readouterr().out == ""


def test_a_house_without_a_battery_has_no_state_of_charge(tmp_path: Path) -> None:
    bare = result(hours=6)
    bare["series"] = {name: bare["series"][name] for name in ("time", "load", "grid")}
    bare["functions"] = {}
    write(bare, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"balance.json", "series.csv", "power.svg", "index.html"}


def test_a_year_of_minutes_is_thinned_for_the_plot() -> None:
    long = result(hours=24 * 365)
    assert len(power(series(long)).svg) < 500_000

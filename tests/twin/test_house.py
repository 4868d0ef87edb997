"""A house from plain facts."""

import subprocess
import sys

from twin.battery import BatteryInverter
from twin.furnish import House, Part, build
from twin.pv import PvInverter
from twin.series import Array

START = 1_750_000_000.0
PARTS = (
    Part("grid meter", "electricity-meter"),
    Part("pv meter", "electricity-meter", of=("pv",)),
    Part("pv", "pv-inverter", 10_000, array=Array(9000)),
    Part("battery", "battery-inverter", 5000, more={"capacity": 7_700.5}, soc=42.5),
)


def test_devices_come_with_their_facts_and_meters_after_what_they_measure() -> None:
    site = build(House(PARTS, load=345.5), START)
    battery = site.models["battery"]
    assert isinstance(battery, BatteryInverter)
    assert (battery.capacity, battery.soc) == (7700.5, 42.5)
    assert site.models["pv meter"].truth()["power"] == -site.models["pv"].truth()["power"]
    assert site.load_power == 345.5


def test_a_twin_that_exists_already_takes_its_place() -> None:
    pv = PvInverter(10_000)
    site = build(House(PARTS), START, {"pv": pv})
    assert site.models["pv"] is pv
    site.advance(START + 20 * 3600)
    assert pv.energy > 0


def test_the_same_facts_and_seed_give_the_same_day() -> None:
    first, second = (build(House(PARTS, annual_energy=4e6, seed=5), START) for _ in range(2))
    first.advance(START + 86_400)
    second.advance(START + 43_200)
    second.advance(START + 86_400)
    assert first.truth() == second.truth()


def test_a_house_without_series_starts_without_the_slow_libraries() -> None:
    story = (
        "import sys; from twin.furnish import House, Part, build; "
        "build(House((Part('pv', 'pv-inverter', 5000),), load=300), 1e9).advance(2e9); "
        "print(sorted({'numpy', 'pandas', 'pvlib', 'demandlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", story], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

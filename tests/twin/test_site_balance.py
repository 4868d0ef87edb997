"""The energy account: nothing is lost without a name, whatever is commanded, set or waited for."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.battery import BatteryInverter
from twin.charger import ChargingPoint
from twin.furnish import House, Part, build
from twin.heat import HeatingRod
from twin.meter import ElectricityMeter
from twin.pv import PvInverter
from twin.series import Array
from twin.site import Site

START = 1_750_000_000.0
WATTS = st.floats(-12_000, 12_000).map(lambda watts: round(watts, 1))
UP = st.floats(0, 12_000).map(lambda watts: round(watts, 1))
PERCENT = st.floats(0, 100).map(lambda percent: round(percent, 1))
COMMANDS: dict[str, tuple[str, st.SearchStrategy[object]]] = {
    "sun": ("pv available", UP), "limit": ("pv power_limit", UP), "roof": ("hybrid pv_available", UP),
    "setpoint": ("hybrid battery_setpoint", st.none() | WATTS),
    "other": ("battery battery_setpoint", st.none() | WATTS),
    "ac": ("hybrid power_limit", UP), "grid": ("hybrid grid_charge", st.booleans()),
    "charge": ("battery max_charge", UP), "discharge": ("battery max_discharge", UP),
    "plug": ("box plugged", st.booleans()), "current": ("box current_limit", st.floats(0, 20)),
    "phases": ("box phases", st.sampled_from((1, 3))), "rod": ("rod power_setpoint", WATTS), "draw": ("rod draw", UP),
}  # fmt: skip
STEPS = st.lists(
    st.one_of(
        *(st.tuples(st.just(target), values) for target, values in COMMANDS.values()),
        st.tuples(st.just("wait"), st.floats(0.001, 20_000)),
    ),
    min_size=1,
    max_size=40,
)


def house() -> Site:
    site = Site(START, load=432.1)
    site.add("pv", PvInverter(10_000))
    site.add("hybrid", BatteryInverter(8000, capacity=7700))
    site.add("battery", BatteryInverter(3000, 1, capacity=5100), phase=3)
    site.add("box", ChargingPoint(16))
    site.add("rod", HeatingRod(3000, phases=1), phase=2)
    site.meter("meter", ElectricityMeter())
    return site


def play(site: Site, steps: list[tuple[str, object]], look: Callable[[], None]) -> None:
    for target, value in steps:
        if target == "wait":
            assert isinstance(value, float)
            site.advance(site.now + value)
        else:
            name, attribute = target.split()
            setattr(site.models[name], attribute, value)
        look()


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_the_account_closes_and_meter_and_node_agree(steps: list[tuple[str, object]]) -> None:
    site = house()
    meter = site.models["meter"]
    assert isinstance(meter, ElectricityMeter)

    def look() -> None:
        generated = sum(float(site.models[name].truth()["power"]) for name in ("pv", "hybrid", "battery"))
        taken = sum(float(site.models[name].truth()["power"]) for name in ("box", "rod"))
        assert site.grid_power == pytest.approx(432.1 + taken - generated, abs=1e-6)
        assert meter.power == site.grid_power
        assert sum(site.grid_phases) == pytest.approx(site.grid_power, abs=1e-6)

    play(site, steps, look)
    balance = site.balance()
    assert balance.residual <= 1e-6 * max(balance.turnover, 1.0)
    assert meter.import_energy == pytest.approx(balance.imported, abs=1e-3)
    assert meter.export_energy == pytest.approx(balance.exported, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_no_device_leaves_its_envelope(steps: list[tuple[str, object]]) -> None:
    site = house()

    def look() -> None:
        for name in ("hybrid", "battery"):
            each = site.models[name]
            assert isinstance(each, BatteryInverter)
            assert -min(each.max_charge, each.rated_power) <= each.battery_power
            assert each.battery_power <= min(each.max_discharge, each.rated_power)
            assert each.power <= each.ceiling + 1e-9
            assert each.soc_min <= each.soc <= each.soc_max
            assert each.pv_power >= 0
        pv, box, rod = site.models["pv"], site.models["box"], site.models["rod"]
        assert isinstance(pv, PvInverter)
        assert isinstance(box, ChargingPoint)
        assert isinstance(rod, HeatingRod)
        assert pv.power <= pv.power_limit
        assert (box.current_l1 or 0.0) <= min(box.current_limit, 16) + 1e-9
        assert 0 <= rod.power <= 3000

    play(site, steps, look)


@settings(max_examples=40, deadline=None)
@given(STEPS, st.floats(1, 3000))
def test_how_often_one_looks_changes_nothing(steps: list[tuple[str, object]], stride: float) -> None:
    seldom, often = house(), house()
    play(seldom, steps, lambda: None)
    for target, value in steps:
        if target == "wait":
            assert isinstance(value, float)
            end = often.now + value
            while often.now + stride < end:
                often.advance(often.now + stride)
                often.truth()
            often.advance(end)
        else:
            name, attribute = target.split()
            setattr(often.models[name], attribute, value)
    assert often.balance().turnover == pytest.approx(seldom.balance().turnover, rel=1e-6, abs=1e-3)
    assert often.models["hybrid"].truth()["soc"] == pytest.approx(seldom.models["hybrid"].truth()["soc"], abs=1e-4)


def test_a_week_of_a_whole_house_closes_within_a_millionth() -> None:
    parts = (
        Part("pv", "pv-inverter", 10_000, array=Array(9000)),
        Part("hybrid", "battery-inverter", 8000, array=Array(5000, azimuth=270), more={"capacity": 11_500}, soc=35.5),
        Part("box", "charging-station", car=9000),
        Part("rod", "heating-rod", 3000, hot_water=6000),
        Part("meter", "electricity-meter"),
    )
    site = build(House(parts, annual_energy=4e6), START)
    site.advance(START + 7 * 86_400)
    balance = site.balance()
    assert balance.turnover > 400_000
    assert balance.residual <= 1e-6 * balance.turnover
    assert balance.imposed < 1e-3
    hybrid = site.models["hybrid"]
    assert isinstance(hybrid, BatteryInverter)
    assert balance.losses["hybrid"] == pytest.approx(
        0.04 * balance.charged + (1 / 0.96 - 1) * balance.discharged, rel=1e-6
    )
    assert balance.losses["pv"] == pytest.approx(balance.devices["pv"][0] * (1 / 0.97 - 1))


def test_rates_tell_what_stayed_in_the_house_and_what_came_from_it() -> None:
    site = Site(START, load=1000)
    site.add("pv", pv := PvInverter(10_000))
    pv.available = 4000.0
    site.advance(START + 3600)
    pv.available = 0.0
    site.advance(START + 7200)
    balance = site.balance()
    assert (balance.imported, balance.exported) == pytest.approx((1000, 3000))
    assert balance.self_consumption == pytest.approx(0.25)
    assert balance.autarky == pytest.approx(0.5)


def test_a_house_without_generation_or_consumption_has_no_rates() -> None:
    balance = Site(START).balance()
    assert balance.self_consumption is None
    assert balance.autarky is None


def test_what_is_set_against_physics_is_named_in_the_account() -> None:
    site = house()
    site.models["hybrid"].set("power", 1234.5)
    site.models["hybrid"].set("battery_power", 1000.0)
    site.models["battery"].set("soc", 90.0)
    site.advance(START + 3600)
    balance = site.balance()
    assert balance.imposed == pytest.approx(234.5 + 0.4 * 5100)
    assert balance.residual <= 1e-6 * balance.turnover

"""What all twins share: names, timers, counters, values told from outside."""

import pytest

from twin.kinds import twin_of
from twin.meter import ElectricityMeter
from twin.model import UnknownQuantity
from twin.pv import PvInverter

START = 1_750_000_000.0
KINDS = (
    "pv-inverter", "battery-inverter", "charging-station", "electricity-meter", "heat-meter", "gas-meter", "heat-pump",
    "heating-rod", "fuel-cell", "chp", "electrolyser", "ripple-control-receiver", "direct-marketing", "dynamic-tariff",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_power_that_is_told_is_read_back_a_minute_later(kind: str) -> None:
    twin = twin_of(kind, 5000, 3, {})
    twin.time = START
    for name in {"power", "heat_power"} & set(twin.quantities):
        twin.set(name, 1234.0)
        twin.advance(START + 60)
        assert twin.truth()[name] == 1234


def test_a_kind_that_the_list_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="windmill"):
        twin_of("windmill", 5000, 3, {})


def test_an_unknown_quantity_is_named_with_those_that_exist() -> None:
    with pytest.raises(UnknownQuantity, match=r"'soc'.*dc_power"):
        PvInverter(5000).set("soc", 50)


def test_a_timer_acts_at_its_instant_however_late_one_looks() -> None:
    pv = PvInverter(10_000)
    pv.time = START
    pv.available = 6000.0
    pv.at("watchdog", START + 1800, lambda: setattr(pv, "power_limit", 0.0))
    pv.advance(START + 7200)
    assert pv.power == 0
    assert pv.energy == pytest.approx(3000)


def test_a_cancelled_timer_does_nothing_and_a_replaced_one_acts_once() -> None:
    pv, seen = PvInverter(10_000), list[float]()
    pv.at("a", START + 1, lambda: seen.append(pv.time))
    pv.at("a", START + 5.5, lambda: seen.append(pv.time))
    pv.at("b", START + 2, lambda: seen.append(-1.0))
    pv.cancel("b")
    pv.advance(START + 100)
    assert seen == [START + 5.5]


def test_a_meter_counts_both_directions_apart() -> None:
    meter = ElectricityMeter()
    meter.time = START
    meter.set("power", 70_123.5)
    meter.advance(START + 3600)
    meter.set("power", -4321.5)
    meter.advance(START + 7200)
    assert (meter.import_energy, meter.export_energy) == pytest.approx((70_123.5, 4321.5))
    assert meter.energy == meter.import_energy


def test_phases_that_are_told_add_up_to_the_power() -> None:
    meter = ElectricityMeter()
    for name, value in {"power_l1": -1000.5, "power_l2": 400.0, "power_l3": 100.0}.items():
        meter.set(name, value)
    assert meter.power == -500.5
    meter.set("power", 1234.0)
    assert (meter.power, meter.power_l1) == (1234, -1000.5)


def test_a_device_with_one_phase_has_no_others() -> None:
    truth = PvInverter(3000, phases=1).truth()
    assert truth["power_l2"] is truth["voltage_l3"] is truth["current_l2"] is None


def test_a_listener_hears_of_every_change() -> None:
    heard: list[float] = []
    pv = PvInverter(5000)
    pv.on_change(lambda: heard.append(pv.power))
    pv.set("power", 4000.5)
    pv.power_limit = 1000.0
    assert heard == [4000.5, 1000]


def test_what_follows_is_worked_out_anew_when_what_it_follows_from_is_assigned():
    twin = PvInverter(10_000)
    twin.available = 6900.0
    assert twin.current_l1 == 10.0
    twin.voltage_l1 = 250.0
    assert twin.current_l1 == 9.2
    twin.power_limit = 1500.5
    assert (twin.power, twin.current_l1) == (1500.5, 1500.5 / 3 / 250)

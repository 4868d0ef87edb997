"""What the household's strategy decides, from snapshots made by hand."""

import pytest

from controller.hem import Snapshot
from controller.members import Member
from controller.strategy.household import Memory, Settings, decide, price_now
from controller.strategy.limits import HOLD, RippleMemory, RippleTable, ripple
from controller.strategy.surplus import START_AFTER, STOP_AFTER, ChargingMemory, charging, heating


class Sun:
    reaction, refresh = 2.0, None

    async def limit_power(self, watts: float) -> None: ...

    async def release(self) -> None: ...


class Car(Sun):
    async def limit_current(self, amperes: float) -> None: ...

    async def pause(self) -> None: ...


def snapshot(time: float, **readings: dict) -> Snapshot:
    members = {
        "pv": Member("pv", Sun(), "pv", rated_power=10_000.0),
        "car": Member("car", Car(), "charger"),
        "grid": Member("grid", object(), "grid-meter"),
        "ripple": Member("ripple", object(), "ripple"),
        "prices": Member("prices", object(), "tariff"),
    }
    return Snapshot(time, readings, members)


NONE = {"k1": False, "k2": False, "k3": False, "k4": False}


def told(time: float, settings: Settings | None = None, memory: Memory | None = None, **readings: dict):
    setpoints, memory = decide(snapshot(time, **readings), settings or Settings(), memory or Memory())
    return {each.device: (each.command, each.value) for each in setpoints}, memory


def test_a_closed_k3_limits_the_sun_to_30_percent():
    _, memory = told(100.0, grid={"power": -12.0}, ripple=NONE)
    orders, memory = told(102.0, None, memory, grid={"power": -12.0}, ripple={**NONE, "k3": True})
    orders, _ = told(104.0, None, memory, grid={"power": -12.0}, ripple={**NONE, "k3": True})
    assert orders["pv"] == ("limit_power", 3000.0)


def test_two_contacts_hold_the_last_limit_for_a_minute_and_then_mean_the_lower_one():
    table = RippleTable()
    memory = ripple(table, (False, True, False, False), 10.0, RippleMemory())
    memory = ripple(table, (False, True, False, False), 12.0, memory)
    assert memory.limit.percent == 60
    both = (False, True, True, False)
    memory = ripple(table, both, 20.0, memory)
    assert ripple(table, both, 20.0 + HOLD - 1, memory).limit.percent == 60
    assert ripple(table, both, 20.0 + HOLD + 1, memory).limit.percent == 30


def test_contacts_that_cannot_be_read_end_in_nothing_fed():
    memory = ripple(RippleTable(), None, 10.0, RippleMemory())
    assert ripple(RippleTable(), None, 10.0 + HOLD + 1, memory).limit.percent == 0


def test_without_a_grid_meter_no_car_is_charged():
    orders, _ = told(100.0, Settings(charging="fast"), car={"plugged": True, "power": 0.0})
    assert orders["car"] == ("pause", None)


def test_a_fuse_leaves_the_car_what_the_house_does_not_take():
    settings = Settings(charging="fast", fuse=20.0, maximum_current=16.0)
    orders, _ = told(100.0, settings, grid={"power": 6900.0}, car={"plugged": True, "power": 0.0})
    assert orders["car"] == ("limit_current", 10.0)
    orders, _ = told(100.0, settings, grid={"power": 10_400.0}, car={"plugged": True, "power": 0.0})
    assert orders["car"] == ("pause", None)


def test_charging_starts_and_stops_only_after_a_while():
    memory = charging(5000.0, 0.0, ChargingMemory(), phases=3).memory
    assert charging(5000.0, START_AFTER - 1, memory, phases=3).amperes is None
    plan = charging(5000.0, START_AFTER + 1, memory, phases=3)
    assert plan.amperes == 7.0
    cloudy = charging(900.0, 200.0, plan.memory, phases=3)
    assert cloudy.amperes == 6.0
    assert charging(900.0, 200.0 + STOP_AFTER + 1, cloudy.memory, phases=3).amperes is None


@pytest.mark.parametrize(("surplus", "watts"), [(-700.0, 0.0), (1234.0, 1180.0), (70_000.0, 3000.0)])
def test_the_rod_takes_the_surplus_but_for_a_reserve(surplus: float, watts: float):
    assert heating(surplus, 3000.0) == watts


def test_a_price_is_known_only_inside_its_slot():
    slot = {"start": "2025-06-15T15:00:00Z", "end": "2025-06-15T16:00:00Z", "price": -3.51}
    assert price_now(snapshot(1_750_000_000.0, prices={"prices": [slot]})) == -3.51
    assert price_now(snapshot(1_750_003_600.0, prices={"prices": [slot]})) is None


def test_a_car_is_not_charged_while_the_price_is_unknown():
    settings = Settings(charging="cheap")
    orders, _ = told(100.0, settings, grid={"power": 200.0}, car={"plugged": True, "power": 0.0})
    assert orders["car"] == ("pause", None)

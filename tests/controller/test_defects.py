"""What once went wrong at house level and nobody saw, each told with the product's controller in virtual time."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from controller.drivers.serving import driver_for
from controller.errors import LineTimeout, Refused
from controller.installation import controller
from controller.log import LIMIT
from controller.settings import Charging, Fuse, Grid, Heating, PowerLimit, Receiver, Section14a, Storage
from controller.sitefile import Place, check
from controller.store import Memory, Store
from controller.strategy.claims import Claim, Rank
from rigs.estate import settle
from rigs.home import Home
from rigs.simulated import START, SimulatedRig

ROOT = Path(__file__).parents[2]
OPERATOR = {"name": "operator", "row": 143}
GRID = {"name": "grid", "row": 112, "function": "grid-meter"}
CAR = {"name": "car", "row": 65, "protocol": "modbus-tcp", "charging": {"mode": "fast"}}


def house(
    *devices: dict[str, Any], real: dict[str, str] | None = None, drivers: Any = driver_for,
    store: Store | None = None, **tables: Any,
) -> Home:  # fmt: skip
    """A site's controller, started, with its devices emulated. `real`: the model that stands there, by device."""
    site = check({"device": list(devices), **tables})
    there = [{**each, "model": (real or {}).get(each["name"], each.get("model"))} for each in devices]
    rig = SimulatedRig(START)
    estate = settle(check({"device": there, **tables}), rig.clock.monotonic, days=1)
    own = {each.name: each for each in site.device}
    lines = [(line, [own[each.name] for each in found]) for line, found in estate.wire(rig.connect)]
    made = Home(
        site,
        rig,
        estate.physics,
        controller(site, lines, rig.clock, store=store, drivers=drivers),
        estate.installations,
    )
    made.twin.set_load(0.0)
    made.start()
    return made


def wait(home: Home, seconds: float) -> None:
    home.rig.run(float(home.rig.env.now) + seconds)
    home.twin.advance(float(home.rig.env.now))


def twin(home: Home, name: str) -> Any:
    return home.built[name].main.twin


def close(home: Home, contact: str, closed: bool = True) -> None:
    twin(home, "operator").set(contact, closed)


def sun(home: Home, name: str = "roof") -> None:
    """As much as its inverter can feed."""
    inverter = twin(home, name)
    inverter.available = float(inverter.rated_power)
    inverter.let_go("power")
    home.twin.changed()


def plug(home: Home, name: str = "car") -> None:
    twin(home, name).set("plugged", True)
    twin(home, name).authorized = True


def said(home: Home, words: str) -> list[str]:
    return [event.what for event in home.hem.log if words in event.what]


# a limit is given to whoever can be limited


@pytest.mark.parametrize("row", [8, 10, 18, 19, 33, 42, 48, 53, 63])
def test_a_limit_reaches_inverters_and_hybrids_whose_rating_the_list_does_not_print(row: int):
    home = house({"name": "roof", "row": row}, OPERATOR, GRID)
    wait(home, 15.0)
    close(home, "k2")
    wait(home, 10.0)
    rating = float(twin(home, "roof").rated_power)
    assert float(twin(home, "roof").power_limit) == pytest.approx(0.6 * rating, abs=0.012 * rating)


def test_an_stp_10_whose_site_file_names_no_model_may_feed_60_percent_of_10_kw():
    home = house({"name": "roof", "row": 1}, OPERATOR, real={"roof": "STP 10.0"})
    sun(home)
    wait(home, 15.0)
    close(home, "k2")
    wait(home, 10.0)
    assert twin(home, "roof").power == pytest.approx(6000.0, abs=1.0)


def test_a_signal_that_does_not_reach_a_generator_is_said():
    home = house({"name": "cellar", "row": 48}, {"name": "roof", "row": 1}, OPERATOR)
    wait(home, 2.0)
    told = [(event.device, event.what) for event in home.hem.log if "cannot be limited" in event.what]
    assert told == [("cellar", "cannot be limited: ripple control does not reach it")]


# what stands in a device is put right when it answers again


@pytest.mark.parametrize("row", [1, 11, 18, 30, 33])
def test_a_limit_whose_reason_ends_while_the_line_is_silent_is_gone_when_the_inverter_answers(row: int):
    home = house({"name": "roof", "row": row}, OPERATOR)
    sun(home)
    wait(home, 15.0)
    close(home, "k3")
    wait(home, 15.0)
    full = float(twin(home, "roof").rated_power)
    assert twin(home, "roof").power < 0.32 * full
    home.built["roof"].main.faults.on("half-open")
    wait(home, 12.0)
    close(home, "k3", False)
    wait(home, 5.0)
    home.built["roof"].main.faults.off("half-open")
    wait(home, 75.0)
    assert twin(home, "roof").power == pytest.approx(full, rel=0.02)


@pytest.mark.parametrize(("row", "command"), [(39, "charge"), (47, "discharge"), (50, "charge"), (53, "discharge")])
def test_a_battery_that_an_earlier_process_left_forced_is_free_a_minute_after_the_start(row: int, command: str):
    home = house({"name": "cells", "row": row})
    home.hem.stopping = True  # not yet: somebody else is at work
    wait(home, 3.0)
    member = home.hem.members["cells"]
    home.rig.tell(member.driver.identify())
    home.rig.tell(getattr(member.driver, command)(1200.0))
    wait(home, 1.0)
    assert twin(home, "cells").battery_setpoint is not None
    member.driver.lost()
    home.hem.stopping = False
    home.start()
    wait(home, 75.0)
    assert twin(home, "cells").battery_setpoint is None
    assert abs(twin(home, "cells").battery_power) < 50


def test_a_forced_battery_whose_wish_ends_while_the_line_is_silent_is_free_when_it_answers():
    home = house({"name": "cells", "row": 39})
    wait(home, 5.0)
    home.hem.strategy.ask("cells", "discharge", 1200.0)
    wait(home, 10.0)
    assert twin(home, "cells").battery_power == pytest.approx(1200.0, abs=30)
    home.built["cells"].main.faults.on("half-open")
    wait(home, 12.0)
    home.hem.strategy.ask("cells", "release")
    wait(home, 5.0)
    home.built["cells"].main.faults.off("half-open")
    wait(home, 30.0)
    assert twin(home, "cells").battery_setpoint is None


# time


@pytest.mark.parametrize("step", [-3600.0, 3600.0, -31_536_000.0])
def test_a_wall_clock_that_is_set_changes_no_fail_safe(step: float):
    home = house({"name": "roof", "row": 1, "model": "STP 8.0"}, OPERATOR)
    sun(home)
    wait(home, 20.0)
    home.built["operator"].main.operator["break_input"]("k1")
    wait(home, 10.0)
    home.rig.clock.step(step)
    wait(home, 46.0)
    assert twin(home, "roof").power == 8000.0
    wait(home, 14.0)
    assert twin(home, "roof").power == 0.0


# whatever a driver does, the others go on and all are left in order


class Broken(Exception):
    """No error that a driver may raise."""


def planted(row: int, **attributes: Any) -> Any:
    """Drivers of which those of one row are replaced."""
    kind = type("Planted", (driver_for(row, "modbus-tcp"),), attributes)
    return lambda number, protocol: kind if number == row else driver_for(number, protocol)


def test_a_driver_that_raises_is_defect_and_the_others_go_on_and_are_released():
    async def read(self: Any) -> Any:
        raise Broken(f"unit {self.unit:+.1f}")

    home = house({"name": "roof", "row": 1}, {"name": "cells", "row": 53}, OPERATOR, drivers=planted(53, read=read))
    sun(home)
    wait(home, 20.0)
    close(home, "k3")
    wait(home, 12.0)
    assert twin(home, "roof").power == pytest.approx(1200.0)
    (told,) = said(home, "defect: Broken: unit +1.0 (")
    assert told.endswith(")")
    assert home.hem.members["cells"].state == "defect"
    close(home, "k3", False)
    home.hem.strategy.ask("roof", "limit_power", 700.0)
    wait(home, 12.0)
    home.hem.stop()
    wait(home, 5.0)
    assert twin(home, "roof").power == 4000.0


def test_a_command_that_raises_is_tried_again_and_leaves_the_reading_alone():
    given = []

    async def limit_power(self: Any, watts: float) -> None:
        given.append(watts)
        raise Broken(f"{watts} W")

    home = house({"name": "roof", "row": 1}, OPERATOR, drivers=planted(1, limit_power=limit_power))
    sun(home)
    wait(home, 10.0)
    close(home, "k2")
    wait(home, 30.0)
    assert set(given) == {2400.0}
    assert len(given) >= 3
    assert home.hem.view().devices["roof"].number("power") == 4000.0


def test_a_wish_that_is_no_number_is_refused_and_a_claim_of_one_is_the_strictest():
    home = house({"name": "roof", "row": 1}, OPERATOR)
    sun(home)
    wait(home, 10.0)
    with pytest.raises(ValueError, match="nan"):
        home.hem.strategy.ask("roof", "limit_power", float("nan"))
    wait(home, 10.0)
    assert twin(home, "roof").power == 4000.0
    wrong = Claim("roof", "feed_in", "at most", float("nan"), Rank.USER, "user", "by mistake")
    home.hem.strategy.wishes = {("roof", "feed_in"): wrong}
    wait(home, 15.0)
    assert twin(home, "roof").power == 0.0
    assert {member.state for member in home.hem.members.values()} == {"online"}


def test_a_rule_that_raises_leaves_the_safe_plan_and_comes_back():
    home = house({"name": "roof", "row": 1}, OPERATOR, CAR, GRID)
    sun(home)
    plug(home)
    wait(home, 90.0)
    plan = home.hem.strategy
    plan.wishes = {("roof", "feed_in"): "no claim"}
    wait(home, 15.0)
    assert (twin(home, "roof").power, twin(home, "car").power) == (0.0, 0.0)
    assert len(said(home, "defect, the safe plan holds: AttributeError")) == 1
    plan.wishes = {}
    wait(home, 90.0)
    assert twin(home, "roof").power == 4000.0
    assert twin(home, "car").power > 10_000


# stopping


def test_who_stops_under_0_percent_leaves_the_inverter_at_0_and_the_car_dimmed():
    tables = {"grid": {"section14a": {"receiver": "operator"}}}
    home = house({"name": "roof", "row": 1}, OPERATOR, CAR, GRID, **tables)
    sun(home)
    plug(home)
    wait(home, 90.0)
    assert twin(home, "car").power > 10_000
    close(home, "k4")
    wait(home, 30.0)
    home.hem.stop()
    wait(home, 20.0)
    assert twin(home, "roof").power == 0.0
    assert 0.0 < twin(home, "car").power <= 4300.0
    assert said(home, "stays")
    wait(home, 3600.0)
    assert twin(home, "roof").power == 0.0


def test_who_does_not_hear_the_first_farewell_hears_the_second():
    lost = []

    async def release(self: Any) -> None:
        if home.hem.stopping and not lost:
            lost.append(self.unit)
            raise LineTimeout("no answer in 1 s")
        await driver_for(1, "modbus-tcp").release(self)

    home = house({"name": "roof", "row": 1}, OPERATOR, drivers=planted(1, release=release))
    sun(home)
    wait(home, 10.0)
    home.hem.strategy.ask("roof", "limit_power", 700.0)
    wait(home, 10.0)
    assert twin(home, "roof").power == pytest.approx(700.0, abs=1)
    home.hem.stop()
    wait(home, 6.0)
    assert lost == [3]
    assert twin(home, "roof").power == 4000.0


# what cannot wait does not


def test_on_a_line_of_many_devices_a_limit_waits_for_one_of_them_at_most():
    wire = {"device": "/dev/ttyUSB0"}
    inverter = {"name": "roof", "row": 30, "protocol": "modbus-rtu", "unit": 1, "line": wire}
    meters = [{"name": f"m{n}", "row": 112, "unit": n, "line": wire} for n in range(2, 10)]
    home = house(inverter, *meters, OPERATOR)
    wait(home, 30.0)
    took = []
    for edge in range(8):
        wait(home, 11.0 + 0.271 * edge)
        begin, before = float(home.rig.env.now), len(home.built["roof"].main.writes)
        close(home, "k3", edge % 2 == 0)
        wait(home, 6.0)
        took.append(home.built["roof"].main.writes[before].time - begin)
    assert max(took) < 1.2  # half a second to settle, one meter at 9600 baud, the command


def test_what_an_energy_guard_or_a_user_asks_is_given_at_once():
    tables = {"grid": {"lpp": {"fail_safe_power": 4000}}}
    home = house({"name": "roof", "row": 1}, GRID, **tables)
    wait(home, 150.0)
    sun(home)
    wait(home, 20.25)
    home.hem.strategy.guard("LPP")
    assert home.hem.strategy.guard("LPP", -1234.5) == ""
    wait(home, 0.5)
    assert twin(home, "roof").power_limit == pytest.approx(1234.5, abs=45)
    home.hem.strategy.ask("roof", "limit_power", 777.0)
    wait(home, 0.5)
    assert twin(home, "roof").power_limit == pytest.approx(777.0, abs=1)


def test_a_limit_whose_release_was_lost_is_released_again_while_the_battery_is_regulated():
    cells = {"name": "cells", "row": 53, "model": "SH10RT", "battery": {"regulation": "controller"}}
    home = house(cells, GRID, OPERATOR)
    twin(home, "cells").pv_available = 8000.0
    twin(home, "cells").set("soc", 100.0)
    wait(home, 700.0)
    close(home, "k3")
    wait(home, 20.0)
    assert twin(home, "cells").power <= 3050
    close(home, "k3", False)
    wait(home, 10.0)
    twin(home, "cells").power_limit = 3000.0  # acknowledged, and not followed
    wait(home, 60.0)
    assert twin(home, "cells").power_limit == 10_000.0


# reading and commanding fail apart


def test_one_lost_reply_of_the_grid_meter_pauses_no_car():
    home = house(OPERATOR, CAR, GRID)
    plug(home)
    wait(home, 90.0)
    assert twin(home, "car").power > 10_000
    writes = len(home.built["car"].main.writes)
    for _ in range(3):
        home.built["grid"].main.faults.on("half-open")
        wait(home, 1.6)
        home.built["grid"].main.faults.off("half-open")
        wait(home, 30.0)
        assert twin(home, "car").power > 10_000
    pauses = [each for each in home.built["car"].main.writes[writes:] if each.value == 0]
    assert pauses == []


def test_a_refused_command_takes_no_reading():
    async def limit_power(self: Any, watts: float) -> None:
        raise Refused(4, unit=3, address=40_212)

    home = house({"name": "roof", "row": 1}, OPERATOR, drivers=planted(1, limit_power=limit_power))
    sun(home)
    wait(home, 10.0)
    close(home, "k4")
    wait(home, 60.0)
    seen = home.hem.view().devices["roof"]
    assert (seen.state, seen.number("power")) == ("online", 4000.0)
    assert len(said(home, "limit_power 0 failed")) == 1


# unknown is never zero, and everybody has a memory of his own


def test_a_battery_whose_reading_is_lost_does_not_feed_the_car():
    surplus = {"name": "car", "row": 65, "protocol": "modbus-tcp"}
    home = house({"name": "cells", "row": 53, "model": "SH10RT"}, surplus, GRID)
    twin(home, "cells").set("soc", 90.0)
    twin(home, "cells").pv_available = 7000.0
    plug(home)
    wait(home, 120.0)
    assert twin(home, "car").power > 4000
    home.built["cells"].main.faults.on("half-open")
    twin(home, "cells").pv_available = 0.0
    home.twin.changed()
    wait(home, 260.0)
    assert twin(home, "car").power < 50


def test_a_car_in_the_sun_gets_no_6_a_while_the_fuse_is_overdrawn():
    surplus = {"name": "car", "row": 65, "protocol": "modbus-tcp"}
    home = house({"name": "roof", "row": 4}, surplus, GRID, site={"fuse": 16})
    sun(home)
    plug(home)
    wait(home, 120.0)
    assert twin(home, "car").power > 4000
    home.twin.set_load(25_500.0)
    wait(home, 30.0)
    assert home.twin.grid_power / 690 > 16
    assert twin(home, "car").power == 0.0


@pytest.mark.parametrize("meter", [107, 112, 114, 116, 117, 118, 121, 129])
def test_what_flows_through_the_fuse_is_read_in_every_cycle(meter: int):
    home = house({"name": "grid", "row": meter, "function": "grid-meter"})
    wait(home, 60.0)
    for turn in range(1, 6):
        home.twin.set_load(6900.0 * turn)
        wait(home, 3.0)
        told = home.hem.view().devices["grid"]
        assert [round(told.number(f"current_l{phase}") or 0.0) for phase in (1, 2, 3)] == [10 * turn] * 3


def test_a_station_that_is_left_to_itself_keeps_within_what_the_installer_allows():
    home = house({**CAR, "charging": {"mode": "none", "maximum_current": 13.0}}, GRID)
    twin(home, "car").vehicle_current = 32.0
    plug(home)
    wait(home, 90.0)
    assert twin(home, "car").power == pytest.approx(13 * 690)


def test_two_receivers_are_heard_apart_and_the_lower_one_counts():
    home = house({"name": "roof", "row": 1}, OPERATOR, {"name": "second", "row": 143})
    sun(home)
    wait(home, 15.0)
    close(home, "k2")
    twin(home, "second").set("k3", True)
    wait(home, 10.0)
    assert twin(home, "roof").power == pytest.approx(1200.0)
    twin(home, "second").set("k3", False)
    wait(home, 10.0)
    assert twin(home, "roof").power == pytest.approx(2400.0)


def test_two_cars_have_memories_of_their_own():
    cars = [{"name": name, "row": 65, "protocol": "modbus-tcp"} for name in ("left", "right")]
    home = house({"name": "roof", "row": 4}, *cars, GRID)
    sun(home)
    plug(home, "left")
    wait(home, 120.0)
    plug(home, "right")
    wait(home, 20.0)
    assert twin(home, "left").power > 4000  # the one that has just come has its own minute of waiting
    assert twin(home, "right").power == 0.0
    wait(home, 90.0)
    assert min(twin(home, "left").power, twin(home, "right").power) > 4000


# all that can be set reaches the plan, and only the installation makes a controller


SIMULATED = {"latitude", "longitude", "altitude", "annual_load", "time_zone", "name", "firmware"}
TOLD = {"sitefile.py", "settings.py", "explain.py"}  # what is only checked or explained there is not read


def modules(folder: str, without: set[str]) -> Iterator[ast.Module]:
    for file in sorted((ROOT / folder).rglob("*.py")):
        if file.name not in without:
            yield ast.parse(file.read_text(encoding="utf-8"))


RULES = (Charging, Storage, Heating, Receiver, Fuse, Grid, Section14a, PowerLimit, Place)


def test_every_setting_of_a_rule_is_read_by_the_controller():
    nodes = (node for tree in modules("controller", TOLD) for node in ast.walk(tree))
    read = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    keys = {key for table in RULES for key in table.model_fields} - SIMULATED
    assert keys - read == set()
    assert len(keys) > 40


def test_nothing_but_the_installation_makes_a_controller_a_member_or_a_plan():
    made = {"Hem": {"controller/installation.py"}, "Plan": {"controller/installation.py"},
            "Member": {"controller/members.py"}}  # fmt: skip
    found: dict[str, set[str]] = {name: set() for name in made}
    for folder in ("controller", "rigs", "scenarios", "reports", "bench", "hem.py"):
        for file in [ROOT / folder] if folder.endswith(".py") else sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in found:
                    found[node.func.id].add(str(file.relative_to(ROOT)))
    assert found == made


# what was asked is on record, with its end


def test_evidence_that_a_killed_process_left_open_has_its_end_when_the_next_one_starts():
    store = Memory()
    for process in (1, 2):
        home = house({"name": "roof", "row": 1}, OPERATOR, store=store)
        wait(home, 5.0)
        close(home, "k3")
        wait(home, 30.0)  # and then it is gone, without a word
        told = [record.evidence for record in store.evidence_since(0) if record.evidence.value == 30.0]
        begun = [each for each in told if each.until_time is None]
        assert (len(begun), len(told) - len(begun)) == (process, process - 1)
    assert store.verify() is None
    assert next(each.reason for each in told if each.until_time is not None).endswith("(until the controller ended)")


# nothing grows


def test_a_device_that_fails_for_ever_fills_no_memory():
    home = house({"name": "roof", "row": 1}, OPERATOR)
    wait(home, 10.0)
    for _ in range(LIMIT + 500):
        home.hem.note("roof", "offline: -7.5 °C")
    assert (len(home.hem.events), home.hem.events.dropped > 500) == (LIMIT, True)

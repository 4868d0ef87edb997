"""Alternatives: what passes as delivered has to pass as set elsewhere, and a break that only shows there is red."""

from dataclasses import replace
from typing import Any

import pytest

from controller.devices import Reading
from controller.drivers.fronius import FroniusHybrid
from controller.drivers.goodwe import GoodWeEt
from controller.drivers.kostal import KostalIq, KostalPlenticore
from controller.drivers.serving import driver_for
from controller.drivers.victron import VictronGx
from controller.errors import Refused
from emulators.family.options import UnknownOption
from emulators.family.profile import profile_for, profiles
from scenarios.bench.bench import Bench
from scenarios.campaign.cases import Case, Outcome, built, tell
from scenarios.mutation.mutants import _with
from scenarios.stories import alternatives


def told(row: int, model: str, story: str = "alternatives", **broken: Any) -> Outcome:
    return tell(Case(row, "modbus-tcp", model, story), **broken)


def families() -> list[Any]:
    return [
        pytest.param(family, row, protocols[0], id=f"{row}")
        for family in profiles()
        for row, protocols in family.serves.items()
        if family.data.get("alternatives") and not built(row, protocols[0])
    ]


@pytest.mark.parametrize(("family", "row", "protocol"), families())
def test_every_alternative_can_stand_there(family, row, protocol):
    bench = Bench(row, protocol, family.models_of(row)[0].name)
    for entry in alternatives.entries(bench):
        assert alternatives.device(bench, entry).device.row == row


def test_an_alternative_that_the_family_does_not_have_is_an_error():
    bench = Bench(19, "modbus-tcp", "Gen24")
    with pytest.raises(UnknownOption, match="has no option 'colour'"):
        alternatives.device(bench, {"colour": "red"})


@pytest.mark.parametrize(
    ("row", "model"),
    [(10, "SE XK-RWS"), (11, "Plenticore Plus 4.2"), (19, "Gen24"), (20, "Verto"), (32, "SmartLogger")],
)
def test_batteries_behind_inverters_are_read_and_commanded(row, model):
    outcome = told(row, model)
    assert (outcome.verdict, outcome.detail) == ("pass", f"{len(outcome.plain['checks'])} checks")
    if row != 32:
        seen = {check["what"] for check in outcome.plain["checks"]}
        assert any("battery_power after charge" in what for what in seen) or row == 10


def test_every_check_says_of_which_alternative_it_is():
    outcome = told(13, "Piko IQ 4.2")
    assert {check["what"].split(":")[0] for check in outcome.plain["checks"]} == {
        "holes = [[40000, 49999]]", "word_order = big", "meter = no", "chain = without meter"
    }  # fmt: skip


def test_a_word_order_taken_for_granted_is_red_where_it_is_set_otherwise():
    class Sure(KostalIq):
        word_order = "low first"

        async def settle(self) -> None:
            """What it is as delivered."""

    assert told(13, "Piko IQ 4.2", "read", driver=Sure).verdict == "pass"
    outcome = told(13, "Piko IQ 4.2", driver=Sure)
    assert outcome.verdict == "fail"
    assert outcome.detail.startswith("word_order = big: read: ")


def test_a_charging_command_with_the_wrong_sign_is_red():
    point = KostalPlenticore.battery_setpoint
    broken = _with(KostalPlenticore, "battery_setpoint", replace(point, scale=-point.scale))
    assert told(11, "Plenticore Plus 4.2", "follow", driver=broken).verdict == "pass"
    outcome = told(11, "Plenticore Plus 4.2", driver=broken)
    assert outcome.verdict == "fail"
    assert outcome.detail.startswith("battery = yes: follow: battery_power")


def test_integer_points_with_a_forgotten_scale_factor_are_red():
    broken = _with(FroniusHybrid, "power", replace(FroniusHybrid.power, factor=None))
    assert told(19, "Gen24", "read", driver=broken).verdict == "pass"
    assert told(19, "Gen24", driver=broken).detail.startswith("points = int: read: power")


def test_a_meter_that_is_not_there_must_not_read_zero():
    class Zero(GoodWeEt):
        async def read(self) -> Reading:
            found = await super().read()
            return {**found, "grid_power": found["grid_power"] or 0.0}

    assert told(50, "ET", "read", driver=Zero).verdict == "pass"
    checks = told(50, "ET", driver=Zero).plain["checks"]
    assert "meter = no: absent: grid_power is absent" in [check["what"] for check in checks if not check["held"]]


def test_a_refused_command_that_is_kept_quiet_is_red():
    class Quiet(VictronGx):
        async def charge(self, watts: float) -> None:
            try:
                await super().charge(watts)
            except Refused:
                return

    assert told(43, "Color Control GX", "follow", driver=Quiet).verdict == "pass"
    assert told(43, "Color Control GX", driver=Quiet).detail.startswith("writes = no: refusal: charge")


def test_a_register_that_is_wrong_in_one_variant_only_is_red():
    family = profile_for(33, "modbus-tcp")
    rows = [[*row[:2], -row[2], *row[3:]] if row[5] == "battery_power" else row for row in _holding(family)]
    broken = replace(family, data={**family.data, "registers": {"holding": rows}})
    assert told(33, "PV-Wechselrichter-Modelle", driver=driver_for(33, "modbus-tcp"), profile=broken).verdict == "fail"


def _holding(family: Any) -> list[Any]:
    return list(family.data["registers"]["holding"])


def test_a_family_of_one_kind_has_no_alternatives():
    assert told(60, "H3").verdict != "pass"
    assert tell(Case(60, "modbus-rtu", "H3", "alternatives")).verdict == "not applicable"


def test_a_fallback_that_is_wrong_is_red_where_the_first_choice_is_missing():
    driver = driver_for(1, "modbus-tcp")
    broken = _with(driver, "energy_short", replace(driver.energy_short, scale=10))
    family = profile_for(1, "modbus-tcp")
    outcome = told(1, family.models_of(1)[0].name, driver=broken)
    failed = [check["what"] for check in outcome.plain["checks"] if not check["held"]]
    assert failed and all(what.startswith("holes = [[30513, 30516]]") for what in failed)


def test_what_an_installer_has_set_and_a_driver_does_not_set_again_is_red():
    driver = driver_for(65, "modbus-tcp")
    broken = _with(driver, "failsafe_timeout", replace(driver.failsafe_timeout, scale=0.1))
    outcome = told(65, "P30 c-serie", driver=broken)
    failed = [check["what"] for check in outcome.plain["checks"] if not check["held"]]
    assert any("1602" in what and what.endswith("is as it was set") for what in failed)

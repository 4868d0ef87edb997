"""Remarks: each rule holds, and a controller or a device that does not keep to it turns the story red."""

from dataclasses import replace
from typing import Any

import pytest

from controller.compatibility import rules
from controller.devices import Identity, Reading
from controller.drivers import sma_sunspec
from controller.drivers.foxess import FoxEssH3
from controller.drivers.huawei import Sun2000
from controller.drivers.refu import AdvancedEnergy
from controller.drivers.sax import SaxHome
from controller.drivers.sma import SmaInverter
from controller.drivers.sml import SmlMeter
from controller.members import Member
from controller.run import commanding
from controller.strategy import ripple
from controller.strategy.contacts import hear, percent
from scenarios.bench.bench import Bench
from scenarios.campaign.cases import Case, Outcome, tell
from scenarios.mutation.mutants import _with
from scenarios.rows import remarks

HELD = [
    (4, "modbus-tcp", "STP 12-50"), (7, "modbus-tcp", "SE XXXX"), (11, "modbus-tcp", "Plenticore Plus 4.2"),
    (14, "modbus-tcp", "Piko CI 10"), (19, "modbus-tcp", "Gen24"), (32, "modbus-tcp", "SmartLogger"),
    (33, "modbus-rtu", "PV-Wechselrichter-Modelle"), (33, "modbus-tcp", "PV-Wechselrichter-Modelle"),
    (36, "modbus-tcp", "AE 3TL 17-IEC (Gen3)"), (40, "modbus-tcp", "Inverter Manager"), (41, "modbus-tcp", "STPS30"),
    (48, "tcp", "Power Storage DC"), (51, "modbus-tcp", "Gridcon PCS"), (60, "modbus-rtu", "H3"),
    (56, "modbus-tcp", "ENERTRONIC modular Storage"), (127, "http", "eCB1"),
    (62, "modbus-tcp", "Home 7.7kWh (PRIMO-1-8-5-230)"), (84, "http", "Cph1"), (101, "sml", "Basiszähler"),
    (143, "contacts", "Rundsteuerempfänger"),
]  # fmt: skip


def told(row: int, **broken: Any) -> Outcome:
    number, protocol, model = next(each for each in HELD if each[0] == row)
    return tell(Case(number, protocol, model, "remark"), **broken)


def red(outcome: Outcome) -> list[str]:
    return [check["what"] for check in outcome.plain["checks"] if not check["held"]]


@pytest.mark.parametrize(("row", "protocol", "model"), HELD)
def test_the_remark_holds(row, protocol, model):
    outcome = tell(Case(row, protocol, model, "remark"))
    assert (outcome.verdict, outcome.detail) == ("pass", f"{len(outcome.plain['checks'])} checks")


def test_a_row_without_a_rule_is_not_asked():
    assert tell(Case(12, "modbus-tcp", "Piko (Old Generation)", "remark")).verdict == "not applicable"
    assert not remarks.rules(Bench(12, "modbus-tcp"))


def test_a_site_that_is_let_through_without_its_meter_is_red(monkeypatch):
    monkeypatch.setattr(rules, "NEEDS_METER", frozenset({41, 61, 62}))
    assert red(told(19)) == ["external meter: a site without a meter is refused with the remark"]


def test_storage_of_any_maker_is_red(monkeypatch):
    monkeypatch.setattr(rules, "STORAGE", {})
    assert len(red(told(51))) == 2


def test_a_driver_that_writes_where_it_may_only_read_is_red():
    class Eager(FoxEssH3):
        async def read(self) -> Reading:
            await self.line.write(self.unit, 16, 44000, bytes((0, 1)))
            return await super().read()

    assert "reading only: only reading functions on the wire" in red(told(60, driver=Eager))


def test_a_battery_that_is_commanded_is_red():
    class Bold(Sun2000):
        async def limit_power(self, watts: float) -> None:
            await super().limit_power(watts)
            await self.line.write(self.unit, 6, 47100, bytes((0, 1)))

    assert any("no register of the battery was written" in what for what in red(told(33, driver=Bold)))


def test_a_lock_that_goes_unnoticed_is_red():
    class Trusting(SaxHome):
        async def discharge(self, watts: float) -> None:
            self.armed = True  # as if it had been seen to obey
            await super().discharge(watts)

    assert "locked until SAX unlocks it: discharge while locked" in red(told(62, driver=Trusting))


def test_an_old_identity_that_is_taken_is_red():
    class Generous(AdvancedEnergy):
        async def identify(self) -> Identity:
            return Identity("REFUsol", "AE 3TL 17-IEC (Gen3)")

    assert "no old REFUsol interface: an old REFUsol" in red(told(36, driver=Generous))


def test_two_units_that_tell_different_powers_are_red():
    broken = _with(SmaInverter, "power", replace(SmaInverter.power, scale=1.1))
    assert "two units on one socket: power at both units in reading 1" in red(told(4, driver=broken))


def test_commands_faster_than_one_a_second_are_red(monkeypatch):
    monkeypatch.setattr(sma_sunspec, "PACE", 0.5)
    assert told(40).verdict == "fail"


def test_a_request_in_the_quiet_second_is_red():
    class Hasty(Sun2000):
        connect_pause = 0.2

    number, protocol, model = 33, "modbus-tcp", "PV-Wechselrichter-Modelle"
    outcome = tell(Case(number, protocol, model, "remark"), driver=Hasty)
    assert any(what.startswith("a quiet second after connecting") for what in red(outcome))


def test_a_limit_that_the_night_has_taken_and_nobody_gives_again_is_red(monkeypatch):
    monkeypatch.setattr(Member, "forget", lambda self: None)
    monkeypatch.setattr(commanding, "ignored", lambda member, standing, now: False)
    assert red(told(14)) == ["the board is off at night: power in the morning"]


def test_no_power_read_as_none_at_all_is_red():
    class Zero(SmlMeter):
        async def read(self) -> Reading:
            found = await super().read()
            return {**found, "power": found["power"] or 0.0}

    assert red(told(101, driver=Zero)) == ["PIN: no power without PIN"]


def test_a_fail_safe_that_comes_too_early_is_red(monkeypatch):
    monkeypatch.setattr(
        ripple, "hear", lambda heard, meaning, at_last, hold, now: hear(heard, meaning, at_last, 5.0, now)
    )
    assert red(told(143)) == ["an input that cannot be read: held for a minute"]


def test_a_combination_that_means_something_else_is_red(monkeypatch):
    def deaf_to_k4(contacts: Any, device: Any) -> float | None:
        return percent((*contacts[:3], False), device)

    monkeypatch.setattr(ripple, "percent", deaf_to_k4)
    assert len(red(told(143))) >= 8

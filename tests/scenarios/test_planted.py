"""Each core story has to notice what it is there for: one planted fault of a driver or a device a story."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from controller.devices import WhenSilent
from controller.drivers.serving import driver_for
from controller.errors import Refused
from scenarios.campaign.cases import Case, Outcome, tell

TCP = "modbus-tcp"


def told(row: int, model: str, story: str, **broken: Any) -> Outcome:
    return tell(Case(row, TCP, model, story), **broken)


def planted(row: int, **attributes: Any) -> type[Any]:
    """The row's driver with some of its attributes or methods replaced."""
    return type("Planted", (driver_for(row, TCP),), attributes)


def point(row: int, name: str, **changes: Any) -> type[Any]:
    driver = driver_for(row, TCP)
    changed = replace(getattr(driver, name), **changes)
    broken = type("Planted", (driver,), {name: changed})
    changed.__set_name__(broken, name)
    return broken


async def switches_off(self: Any) -> None:
    await super(type(self), self).release()
    await self.storage_mode.write(0)


async def never_releases(self: Any) -> None:
    self.armed = False


async def believes_the_installer(self: Any) -> Any:
    found = await super(type(self), self).identify()
    return replace(found, model=self.model or "Plenticore Plus 10")


async def takes_everybody(self: Any) -> Any:
    self.row = 0
    return await super(type(self), self).identify()


async def writes_every_time(self: Any, watts: float) -> None:
    self.armed = False
    await super(type(self), self).limit_power(watts)


async def arms_once(self: Any, watts: float) -> None:
    self.armed = self.armed or getattr(self, "_once", False)
    await super(type(self), self).limit_power(watts)
    self._once = True


async def unbounded(self: Any, watts: float) -> None:
    await super(type(self), self).limit_power(min(max(watts, 0.0), self._full))
    if watts > self._full:
        with suppress(Refused):
            await self.limit.write(100 * watts / self._full)


PLANTED: tuple[tuple[int, str, str, Callable[[], type[Any]], str], ...] = (
    (9, "SE HD Wave", "identify", lambda: point(9, "full_power", scale=10), "rated_power"),
    (11, "Plenticore Plus 4.2", "identify", lambda: planted(11, identify=believes_the_installer), "no other model"),
    (23, "SG5KTL-MT", "stranger", lambda: planted(23, identify=takes_everybody), "is not taken for row 23"),
    (23, "SG5KTL-MT", "read", lambda: point(23, "energy", scale=100), "energy in reading 1"),
    (33, "PV-Wechselrichter-Modelle", "signs", lambda: point(33, "battery_power", scale=1), "battery_power at"),
    (9, "SE HD Wave", "follow", lambda: planted(9, refresh=None), "stands"),
    (10, "SE XK-RWS", "release", lambda: planted(10, release=switches_off), "the battery regulates as before"),
    (9, "SE HD Wave", "release", lambda: planted(9, release=never_releases), "after release"),
    (9, "SE HD Wave", "silence", lambda: planted(9, when_silent=WhenSilent("keeps")), "of silence"),
    (9, "SE HD Wave", "shutdown", lambda: planted(9, release=never_releases), "after shutdown"),
    (9, "SE HD Wave", "bounds", lambda: planted(9, limit_power=unbounded), "envelope goes on the wire"),
    (9, "SE HD Wave", "restart", lambda: planted(9, limit_power=arms_once), "after a restart"),
)  # fmt: skip


@pytest.mark.parametrize(("row", "model", "story", "broken", "what"), PLANTED, ids=lambda each: str(each)[:24])
def test_a_planted_fault_is_noticed_by_its_story(row, model, story, broken, what):
    assert told(row, model, story).verdict == "pass"
    outcome = told(row, model, story, driver=broken())
    assert outcome.verdict == "fail"
    assert any(what in check["what"] and not check["held"] for check in outcome.plain["checks"])


def test_a_default_command_that_switches_the_battery_off_is_noticed_in_silence():
    async def take_over(self: Any) -> None:
        await driver_for(10, TCP)._take_over(self)  # type: ignore[attr-defined]
        await self.default_command.write(0)

    assert told(10, "SE XK-RWS", "silence", driver=planted(10, _take_over=take_over)).verdict == "fail"


def test_a_register_that_wears_and_is_written_every_time_is_noticed():
    """Row 63 keeps its limit in flash."""

    async def limit_power(self: Any, watts: float) -> None:
        self._share = None
        await driver_for(63, TCP).limit_power(self, watts)  # type: ignore[attr-defined]

    assert told(63, "ASW10kH-T2", "wear").verdict == "pass"
    broken = planted(63, limit_power=limit_power, refresh=20.0)
    assert told(63, "ASW10kH-T2", "wear", driver=broken).verdict == "fail"

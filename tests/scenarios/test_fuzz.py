"""Random houses on random days: a sample of `make fuzz`, and what it would say of a controller that is wrong."""

from typing import Any

import pytest

from controller.members import Setpoint
from scenarios.bench import around
from scenarios.fuzz.__main__ import main, told
from scenarios.fuzz.criteria import Watch
from scenarios.fuzz.world import world


def test_ten_thousand_ticks_show_nothing_outside_above_or_overdrawn(capsys: pytest.CaptureFixture[str]):
    assert main(["--ticks", "10000", "--jobs", "2"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("10000 ticks of 20 houses in ")
    assert out[1:] == [
        "0 setpoints outside the envelope",
        "0 s above an operator's limit beyond the declared reaction",
        "0 s of an overdrawn fuse beyond the declared reaction",
    ]


def test_a_seed_is_one_house_and_one_story():
    one, other = world(7), world(7)
    assert one.house.file == other.house.file
    assert told(7, 60) == told(7, 60)
    assert world(8).house.file != one.house.file


async def nothing(*_: Any) -> None:
    """What it was told it does not do."""


def broken(monkeypatch: pytest.MonkeyPatch, seed: int, *commands: str) -> Any:
    """The verdict on a house whose drivers give some commands to nobody."""
    healthy = around.controlled

    def controlled(*parts: Any) -> Any:
        hem = healthy(*parts)
        for member in hem.members.values():
            for command in commands:
                if member.can(command):
                    setattr(member.driver, command, nothing)
        return hem

    monkeypatch.setattr(around, "controlled", controlled)
    return told(seed)


def test_inverters_that_are_not_limited_are_above_the_operators_limit(monkeypatch: pytest.MonkeyPatch):
    assert broken(monkeypatch, 5, "limit_power").above > 20


def test_stations_that_are_not_limited_overdraw_the_fuse(monkeypatch: pytest.MonkeyPatch):
    assert broken(monkeypatch, 35, "limit_current", "pause").overdrawn > 20


def test_a_setpoint_outside_of_what_the_installer_has_set_is_counted():
    watch = Watch(world(0))
    wrong = [
        watch.wrong("battery", Setpoint("battery", "charge", 9e9, "too much")),
        watch.wrong("wallbox", Setpoint("wallbox", "limit_current", 3.0, "too little")),
        watch.wrong("wallbox", Setpoint("wallbox", "limit_current", float("nan"), "nothing")),
        watch.wrong("wallbox", Setpoint("wallbox", "limit_current", 13.5, "right")),
    ]
    assert wrong[1:] == ["outside 6 to 16", "is no number", ""]

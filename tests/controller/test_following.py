"""Whether a charging station does what it was told, by what it measures or else by what it says of itself."""

import pytest

from controller.members import Member, Setpoint
from controller.run.following import contradicted


def station(**reading: object) -> Member:
    member = Member("box", None, "charger", rated_power=22_000.0)
    member.reading = reading
    return member


PAUSE = Setpoint("box", "pause", None, "")
LIMIT = Setpoint("box", "limit_current", 13.0, "")


@pytest.mark.parametrize(
    ("reading", "ignored"),
    [
        ({"power": 4140.0, "vehicle": "C"}, True),
        ({"power": -3.5, "vehicle": "C"}, False),
        ({"vehicle": "C", "enabled": None}, True),
        ({"vehicle": "B", "enabled": True}, True),
        ({"vehicle": "B", "enabled": False}, False),
        ({}, False),
    ],
)
def test_a_pause_is_ignored_by_a_station_that_charges(reading, ignored):
    assert contradicted(station(**reading), PAUSE) is ignored


def test_another_current_than_was_told_is_ignored_and_less_power_is_not():
    assert contradicted(station(current_limit=32.0), LIMIT)
    assert contradicted(station(power=22_080.0), LIMIT)
    assert not contradicted(station(current_limit=13.4, power=71.5), LIMIT)

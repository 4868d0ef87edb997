"""Cars that leave: what they still wanted is written down."""

from twin.charger import ChargingPoint
from twin.site import Site
from twin.steps import Departure, Trip

START, HOUR = 1_750_000_000.0, 3600.0


def house(*trips: Trip) -> tuple[Site, ChargingPoint]:
    site, point = Site(START), ChargingPoint(16.0)
    site.add("wallbox", point)
    site.schedule(point, trips)
    return site, point


def test_a_car_that_was_charged_in_time_leaves_with_nothing_missing():
    site, _ = house(Trip(START + HOUR, START + 5 * HOUR, 11_040.0))
    site.advance(START + 6 * HOUR)
    assert site.departures == [Departure("wallbox", START + 5 * HOUR, 0.0)]


def test_a_car_that_was_not_charged_leaves_with_what_it_wanted_missing():
    site, point = house(Trip(START + HOUR, START + 2 * HOUR, 70_123.5), Trip(START + 3 * HOUR, START + 4 * HOUR, 500.0))
    site.advance(START + 1.5 * HOUR)
    point.enabled = False
    site.advance(START + 5 * HOUR)
    first, second = site.departures
    assert abs(first.missing - (70_123.5 - 0.5 * point.max_current * 690.0)) < 1.0
    assert (second.charger, second.time, second.missing) == ("wallbox", START + 4 * HOUR, 500.0)
    assert not point.plugged


def test_a_car_that_is_still_there_has_missed_nothing_yet():
    site, _ = house(Trip(START + HOUR, START + 50 * HOUR, 70_123.5))
    site.advance(START + 40 * HOUR)
    assert site.departures == []

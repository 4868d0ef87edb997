"""A limit at the connection point, divided over generators."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.sitefile import Site, check
from controller.strategy import feed_in
from controller.strategy.claims import Rank
from controller.strategy.feed_in import Memory
from controller.strategy.view import Seen, View

LIMITED = frozenset({"limit_power", "release"})


def site() -> Site:
    rows = {"east": 1, "west": 1, "hybrid": 53, "small": 1, "store": 53, "chp": 141}
    models = {"east": "STP 8.0", "west": "STP 8.0", "small": "STP 8.0"}
    devices = [{"name": name, "row": row, "model": models.get(name)} for name, row in rows.items()]
    return check({"device": [*devices, {"name": "grid", "row": 112, "function": "grid-meter"}]})


SITE = site()


def pv(name: str, power: float | None, rating: float | None = 8000.0, **more: Any) -> Seen:
    more = {"can": LIMITED, **more}
    return Seen(name, "pv", {} if power is None else {"power": power}, rating, **more)


def view(now: float, grid: float | None, *devices: Seen) -> View:
    meter = Seen("grid", "grid-meter", {} if grid is None else {"power": grid})
    return View(1_750_000_000.0 + now, now, {each.name: each for each in (*devices, meter)})


def told(allowed: float, *moments: View, memory: Memory | None = None) -> dict[str, float]:
    """W by generator after looks at several moments."""
    memory, claims = memory or Memory(), []
    for moment in moments:
        claims, memory = feed_in.claims(
            moment, SITE, feed_in.limited(moment), allowed, memory, rank=Rank.CONNECTION, source="test", reason="test"
        )  # fmt: skip
    return {each.device: each.value for each in claims}


def settled(grid: float | None, *devices: Seen) -> list[View]:
    return [view(float(now), grid, *devices) for now in range(0, 12)]


def test_what_the_house_takes_may_be_made_beside_what_may_be_fed():
    assert told(3000.0, *settled(-3000.0, pv("east", 5500.0))) == {"east": 5500.0}


def test_before_the_house_was_seen_for_a_while_it_takes_nothing():
    assert told(3000.0, view(0.0, -3000.0, pv("east", 5500.0))) == {"east": 3000.0}


def test_nothing_is_claimed_while_generators_cannot_make_that_much():
    assert told(9000.0, *settled(-6000.0, pv("east", 6500.0))) == {}


def test_a_load_that_goes_off_counts_at_once_and_one_that_comes_on_after_some_seconds():
    steady = settled(-1000.0, pv("east", 5000.0))
    assert told(1000.0, *steady, view(12.0, -4000.0, pv("east", 5000.0))) == {"east": 2000.0}
    assert told(1000.0, *steady, view(12.0, 2000.0, pv("east", 5000.0))) == {"east": 5000.0}
    later = [view(12.0 + now, 1500.0, pv("east", 5000.0)) for now in range(12)]
    assert told(1000.0, *steady, *later) == {"east": 7500.0}


def test_a_generator_that_says_sooner_than_the_meter_that_it_makes_less_is_not_limited_once_more():
    before = settled(-4650.0, pv("east", 4650.0))
    assert told(3500.0, *before, view(12.0, -4650.0, pv("east", 3500.0))) == {"east": 3500.0}
    after = [view(12.0 + now, -3500.0, pv("east", 3500.0)) for now in range(1, 12)]
    assert told(3500.0, *before, view(12.0, -4650.0, pv("east", 3500.0)), *after) == {"east": 3500.0}


def test_shares_follow_the_ratings_while_all_are_held_back():
    roofs = pv("east", 2000.0, 8000.0), pv("west", 4000.0, 16_000.0)
    assert told(6000.0, *settled(-6000.0, *roofs)) == pytest.approx({"east": 2000.0, "west": 4000.0})


def test_what_a_roof_in_the_shade_cannot_make_the_other_one_may():
    memory = Memory(limits={"east": 3000.0, "west": 3000.0})
    roofs = pv("east", 310.0), pv("west", 3000.0)
    shares = told(6000.0, *settled(-3310.0, *roofs), memory=memory)
    assert shares["east"] == pytest.approx(310.0 + 800.0 + 100.0)
    assert sum(shares.values()) == pytest.approx(6000.0)


def test_a_generator_that_makes_nothing_is_left_no_more_than_it_needs_to_begin():
    memory = Memory(limits={"east": 1750.0, "west": 1750.0})
    shares = told(3500.0, *settled(-1750.0, pv("east", 0.0), pv("west", 1750.0)), memory=memory)
    assert shares == pytest.approx({"east": 160.0, "west": 3340.0})
    begins = told(3500.0, *settled(-3470.0, pv("east", 130.0), pv("west", 3340.0)), memory=Memory(limits=shares))
    assert begins == pytest.approx({"east": 160.0, "west": 1750.0})  # until the other one has come down
    then = told(3500.0, *settled(-1880.0, pv("east", 130.0), pv("west", 1750.0)), memory=Memory(limits=begins))
    assert then == pytest.approx({"east": 1030.0, "west": 2470.0})  # room to grow


def test_a_division_stands_while_nobody_is_held_back_by_it():
    memory = Memory(limits={"east": 3000.0, "west": 3000.0})
    assert told(6500.0, *settled(-2500.0, pv("east", 500.0), pv("west", 2000.0)), memory=memory) == memory.limits


def test_without_a_grid_meter_generators_together_make_what_may_be_fed():
    assert told(6000.0, *settled(None, pv("east", 5000.0), pv("west", 5000.0))) == {"east": 3000.0, "west": 3000.0}


def test_without_a_grid_meter_generators_that_cannot_be_limited_come_first():
    small = pv("small", 1500.0, 2000.0, can=frozenset())
    assert told(6000.0, *settled(None, pv("east", 5000.0), small)) == {"east": 4500.0}
    silent = pv("small", None, 2000.0, can=frozenset())
    assert told(6000.0, *settled(None, pv("east", 5000.0), silent)) == {"east": 4000.0}
    nobody = pv("small", None, None, can=frozenset())
    assert told(6000.0, *settled(None, pv("east", 5000.0), nobody)) == {"east": 0.0}
    chp = Seen("chp", "other", {"power": 5000.0}, 20_000.0)
    assert told(6000.0, *settled(None, pv("east", 5000.0), chp)) == {"east": 1000.0}


def test_a_generator_that_says_nothing_gets_its_share_and_is_not_taken_for_a_load():
    shares = told(2000.0, *settled(-5000.0, pv("east", 4000.0), pv("west", None)))
    assert sum(shares.values()) == pytest.approx(1000.0)
    assert shares["west"] == pytest.approx(500.0)


def test_a_hybrid_that_charges_from_the_grid_is_a_load_of_the_house():
    hybrid = Seen("hybrid", "battery", {"power": -2500.0}, 10_000.0, can=LIMITED)
    shares = told(1000.0, *settled(-1000.0, pv("east", 4000.0), hybrid))
    assert sum(shares.values()) == pytest.approx(4000.0)


def test_a_rating_that_nobody_knows_gets_no_more_than_there_is():
    assert told(3000.0, *settled(-3000.0, pv("east", 3500.0, None))) == {"east": 3500.0}
    shares = told(3000.0, *settled(-3000.0, pv("east", 1500.0, None), pv("west", 1500.0)))
    assert sum(shares.values()) == pytest.approx(3000.0)


def test_a_house_without_generators_that_can_be_limited_claims_nothing():
    assert told(0.0, *settled(-400.0, pv("east", 400.0, can=frozenset()))) == {}


powers = st.one_of(st.none(), st.floats(-3000.0, 12_000.0))


@given(st.floats(0, 20_000), st.floats(-20_000, 20_000), powers, powers, st.booleans())
def test_together_never_more_than_may_be_fed_and_the_house_takes(
    allowed: float, grid: float, east: float | None, west: float | None, rated: bool
):
    roofs = pv("east", east, 8000.0 if rated else None), pv("west", west, 11_000.0)
    shares = told(allowed, *settled(grid, *roofs))
    takes = grid + sum(max(each or 0.0, 0.0) for each in (east, west))
    if shares:
        assert 0.0 <= sum(shares.values()) <= max(allowed + takes, 0.0) + 1e-6
    else:
        assert rated and allowed + takes >= 19_000.0

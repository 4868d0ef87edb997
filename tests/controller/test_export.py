"""Feed-in rules of the connection point, alone and against a plant whose inverters react after five seconds."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.sitefile import Site, check
from controller.strategy import export
from controller.strategy.claims import Claim, Rank
from controller.strategy.export import Memory
from controller.strategy.view import Seen, View

QUARTER = 1_749_999_600.0  # begins at 15:00 UTC
LIMITED = frozenset({"limit_power", "release"})
WIDE: dict[str, Any] = {"export_percent": 60.0}


def site(grid: dict[str, Any], *peaks: float | None) -> Site:
    roofs = [{"name": f"roof{i}", "row": 1, "model": "STP 8.0", "peak_power": peak} for i, peak in enumerate(peaks)]
    devices = [{key: value for key, value in each.items() if value is not None} for each in roofs]
    meter = {"name": "grid", "row": 112, "function": "grid-meter"}
    return check({"device": [*devices, meter, {"name": "prices", "row": 147}], "grid": grid})


def view(
    now: float, grid: float | None, *powers: float, rating: float = 8000.0, prices: Any = None, clock: float = QUARTER
) -> View:
    seen = [
        Seen(f"roof{i}", "pv", {"power": power}, rating, can=LIMITED, reaction=5.0) for i, power in enumerate(powers)
    ]
    seen.append(Seen("grid", "grid-meter", {} if grid is None else {"power": grid}))
    seen.append(Seen("prices", "tariff", {} if prices is None else {"prices": prices}))
    return View(clock + now, now, {each.name: each for each in seen})


def run(house: Site, memory: Memory, begin: float, seconds: int, *rest: Any, **more: Any) -> tuple[list[Claim], Memory]:
    claims: list[Claim] = []
    for second in range(seconds):
        claims, memory = export.claims(view(begin + second, *rest, **more), house, memory)
    return claims, memory


def test_60_percent_of_the_modules_power_less_a_spare_may_be_fed_and_what_the_house_takes_comes_on_top():
    claims, _ = run(site(WIDE, 10_000.0), Memory(), 0.0, 20, -6000.0, 7500.0)
    assert claims[0].value == pytest.approx(7500.0, abs=60.0) and claims[0].value < 7500.0
    assert (claims[0].rank, claims[0].bound) == (Rank.CONNECTION, "at most")
    assert claims[0].reason.startswith("60 % of 10000 W peak power")


def test_nothing_is_claimed_where_no_rule_is_set():
    assert export.claims(view(0.0, -7000.0, 7500.0), site({}, 10_000.0), Memory()) == ([], Memory())


def test_a_cloudy_quarter_leaves_its_sunny_rest_more_than_the_mean_but_not_the_first_after_a_start():
    house = site(WIDE, 10_000.0)
    claims, memory = run(house, Memory(), 600.0, 1, 0.0, 7000.0)
    assert claims[0].value <= 6000.0
    _, memory = run(house, memory, 601.0, 899, -300.0, 700.0)
    claims, _ = run(house, memory, 1500.0, 10, -7600.0, 8000.0)
    assert claims == []


def test_what_was_fed_above_the_mean_is_made_good_in_the_rest_of_the_quarter():
    house = site({"export_power": 3000.0}, 10_000.0)
    _, memory = run(house, Memory(), 0.0, 300, -4000.0, 4000.0)
    claims, _ = export.claims(view(300.0, -4000.0, 4000.0), house, memory)
    assert claims[0].value == pytest.approx((0.995 * 2_700_000 - 300 * 4000) / 600, abs=10.0)


def test_the_lower_of_percent_and_power_counts_and_is_told():
    house = site({"export_percent": 60.0, "export_power": 2500.0}, 10_000.0)
    claims, memory = run(house, Memory(), 0.0, 1, -7000.0, 7000.0)
    assert claims[0].value == pytest.approx(2487.5, abs=1.0)
    assert [(each.value, each.state) for each in export.signals(memory)] == [(2500.0, "valid")]


def test_zero_export_leaves_generators_what_the_house_takes():
    claims, _ = run(site({"export_power": 0.0}, 10_000.0), Memory(), 0.0, 20, 12.5, 1800.0)
    assert claims[0].value == 1812.5


def test_without_a_grid_meter_generators_make_their_share_of_the_mean_and_never_more():
    house = site(WIDE, 10_000.0, 5000.0)
    _, memory = run(house, Memory(), 0.0, 850, 0.0, 0.0, 0.0)
    claims, _ = run(house, memory, 850.0, 3, None, 7000.0, 5000.0)
    assert sum(each.value for each in claims) <= 9000.0
    assert claims[0].value == claims[1].value


def test_modules_that_nobody_has_told_count_as_the_inverter_does_and_without_rating_for_nothing():
    claims, _ = run(site(WIDE, None), Memory(), 0.0, 1, -7000.0, 7000.0)
    assert claims[0].value == pytest.approx(0.995 * 4800.0, abs=1.0)
    unrated = view(0.0, -7000.0, 7000.0, rating=None)  # type: ignore[arg-type]
    claims, _ = export.claims(unrated, site(WIDE, None), Memory())
    assert claims[0].value == 0.0


# section 51 EEG


def slots(day: str, negative: set[int]) -> list[dict[str, object]]:
    """A day of Berlin in quarter-hours, -3.51 ct/kWh in those named."""
    zone = ZoneInfo("Europe/Berlin")
    first = datetime.fromisoformat(day).replace(tzinfo=zone)
    end = (first + timedelta(days=1)).timestamp()
    starts = [first.timestamp() + 900 * number for number in range(int((end - first.timestamp()) / 900))]
    return [
        {"start": iso(start), "end": iso(start + 900), "price": -3.51 if number in negative else 8.25}
        for number, start in enumerate(starts)
    ]


def iso(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(("day", "quarters"), [("2025-03-30", 92), ("2025-06-15", 96), ("2025-10-26", 100)])
def test_while_the_price_is_negative_generators_make_only_what_the_house_takes(day: str, quarters: int):
    house, negative = site({"negative_prices": "no export"}, 10_000.0), {9, 10, 50, quarters - 1}
    prices, memory = slots(day, negative), Memory()
    assert len(prices) == quarters
    for number, slot in enumerate(prices):
        begin = datetime.fromisoformat(str(slot["start"])).timestamp()
        claims, memory = run(
            house, memory, number * 900.0, 12, -2600.0, 4000.0, prices=prices, clock=begin - number * 900
        )
        assert [each.value for each in claims] == ([1400.0] if number in negative else []), number


def test_the_house_keeps_its_sun_when_a_price_turns_negative():
    house, later = site({"negative_prices": "no export"}, 10_000.0), slots("2025-06-15", {68})
    _, memory = run(house, Memory(), 0.0, 20, -2600.0, 4000.0, prices=later, clock=QUARTER - 20.0)
    claims, _ = export.claims(view(20.0, -2600.0, 4000.0, prices=later, clock=QUARTER - 20.0), house, memory)
    assert claims[0].value == 1400.0


def test_a_price_that_nobody_knows_curtails_nothing():
    house = site({"negative_prices": "no export"}, 10_000.0)
    gone = slots("2025-06-14", set(range(96)))
    for prices in (None, [], gone):
        assert run(house, Memory(), 0.0, 12, -2600.0, 4000.0, prices=prices)[0] == []


def test_a_negative_price_has_its_reason_and_its_signal():
    house = site({"negative_prices": "no export"}, 10_000.0)
    claims, memory = run(house, Memory(), 0.0, 12, -600.0, 900.0, prices=slots("2025-06-15", set(range(96))))
    assert claims[0].source == "negative price" and claims[0].reason.startswith("the price is -3.51 ct/kWh")
    assert [(each.source, each.value) for each in export.signals(memory)] == [("negative price", 0.0)]


# clocks and restarts


def test_a_step_of_the_wall_clock_gives_no_quarter_what_another_has_saved():
    house = site(WIDE, 10_000.0)
    _, memory = run(house, Memory(), 0.0, 1500, 0.0, 0.0)
    assert export.claims(view(1500.0, -7000.0, 7500.0), house, memory)[0] == []
    for step in (-3600.0, -250.0, 60.0, 86_400.0):
        claims, _ = export.claims(view(1500.0, -7000.0, 7500.0, clock=QUARTER + step), house, memory)
        assert claims[0].value <= 6000.0 + 500.0


def test_after_a_restart_the_quarter_goes_on_with_what_was_fed():
    house = site({"export_power": 3000.0}, 10_000.0)
    _, memory = run(house, Memory(), 0.0, 400, -6000.0, 6000.0)
    memory = export.restored(export.kept(memory), QUARTER + 420.0, 7.0)
    claims, _ = export.claims(view(7.0, -100.0, 6000.0, clock=QUARTER + 413.0), house, memory)
    left = (0.995 * 2_700_000 - 420 * 6000.0) / 480
    assert claims[0].value == pytest.approx(left, abs=15.0)


def test_a_memory_that_was_never_used_is_restored_as_one():
    assert export.restored(export.kept(Memory()), QUARTER, 7.0) == Memory()


# a plant


def fed(seed: int, percent: float, roofs: int, unknown: float, seconds: int = 2700) -> tuple[float, list[float]]:
    """Mean limit in W and what a plant under clouds feeds in each quarter. Its inverters react after 5 s."""
    dice = random.Random(seed)
    ratings = [dice.choice((3000.0, 5000.0, 8000.0)) for _ in range(roofs)]
    house = site({"export_percent": percent}, *(1.1 * rating for rating in ratings))
    memory, load, begin = Memory(), 500.0, dice.uniform(0.0, 900.0)
    sun, limits = list(ratings), list(ratings)
    pending: list[list[float]] = []
    quarters: dict[int, float] = {}
    for second in range(seconds):
        if dice.random() < 0.02:
            sun[dice.randrange(roofs)] = dice.choice((0.0, 0.2, 1.05)) * 8000.0
        if dice.random() < 0.02:
            load = dice.uniform(100.0, 7000.0)
        if len(pending) >= 5:
            limits = pending.pop(0)
        powers = [min(each, limit) for each, limit in zip(sun, limits, strict=True)]
        grid = load - sum(powers)
        number = int((begin + second) // 900)
        quarters[number] = quarters.get(number, 0.0) + max(-grid, 0.0)
        known = grid if dice.random() >= unknown else None
        claims, memory = export.claims(view(float(second), known, *powers, clock=QUARTER + begin), house, memory)
        told = {each.device: each.value for each in claims}
        pending.append([min(told.get(f"roof{i}", 8000.0), rating) for i, rating in enumerate(ratings)])
    return percent / 100 * 1.1 * sum(ratings), [each / 900 for each in quarters.values()]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([20.0, 60.0, 70.0]), st.integers(1, 3), st.sampled_from([0.0, 0.05]))
def test_whatever_clouds_and_loads_do_no_quarter_hour_has_a_mean_above_the_limit(
    seed: int, percent: float, roofs: int, unknown: float
):
    limit, means = fed(seed, percent, roofs, unknown)
    assert max(means) <= limit


def test_in_steady_sun_all_but_a_percent_of_the_limit_is_fed():
    house, memory, told, total = site(WIDE, 10_000.0), Memory(), [8000.0] * 5, 0.0
    for second in range(1800):
        power = told.pop(0)
        claims, memory = export.claims(view(float(second), 900.0 - power, power), house, memory)
        told.append(claims[0].value if claims else 8000.0)
        total += power - 900.0 if second >= 900 else 0.0
    assert 0.985 * 6000.0 <= total / 900 <= 6000.0

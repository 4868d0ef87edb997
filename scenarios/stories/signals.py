"""Stories about signals from outside: ripple control, prices."""

from datetime import UTC, datetime
from itertools import product
from typing import Any

from scenarios.bench.around import House, allowed, contacts
from scenarios.bench.bench import Bench
from scenarios.bench.record import NotApplicable
from scenarios.bench.staging import DECLARED

Pattern = tuple[bool, bool, bool, bool]
PATTERNS: tuple[Pattern, ...] = tuple(product((False, True), repeat=4))  # type: ignore[arg-type]
UNDEFINED: Pattern = (True, True, True, True)  # left out of the table: held, then the strictest of its contacts
OPEN: Pattern = (False, False, False, False)
HOLD = 60.0  # s for which the last limit stands while nobody knows the pattern
LOOK = 600.0  # s after the hour at which a car is looked at
SLACK = 0.015  # of the rating, at the meter
KNOWN: Pattern = (False, True, False, False)  # that stands before an input cannot be read, and after it
WAYS = ("stable", "bouncing", "broken wire")


def digits(pattern: Pattern) -> str:
    """K1 to K4 as a site file writes them."""
    return "".join(str(int(closed)) for closed in pattern)


TABLE: dict[str, Any] = {digits(pattern): allowed(pattern) for pattern in PATTERNS if pattern != UNDEFINED}


def sunny(bench: Bench, *partners: Any, **site: Any) -> tuple[House, str, float]:
    """A house with a receiver, a generator in full sun and a full battery: house, name and rating of the generator."""
    house = House(bench, {"name": "ripple", "patterns": TABLE}, "grid-meter", "pv", *partners, load=0.0, **site)
    name = house.name if house.name in ("pv", "battery") else "pv"
    others = [each for each in ("pv", "battery") if each != name and each in house.twins]
    twin = house.twins[name]
    rating = float(twin.rated_power)
    for each in others:
        house.sun(0.0, each)
    bench.set(soc=100.0)
    house.sun(0.93 * rating, name)
    return house, name, rating


async def ripple(bench: Bench) -> None:
    """All sixteen patterns, stable, bouncing, with a broken wire and unreadable: feed-in as declared, in time."""
    house, name, rating = sunny(bench)
    house.start()
    member = house.hem.members[name]
    reaction = DECLARED + float(member.driver.reaction) + 2.0
    await bench.sleep(15.0 + reaction)
    bench.record.close("feed-in without a signal", -house.grid, 0.93 * rating, 0.02 * rating, "W")
    for way in WAYS:
        for pattern in PATTERNS:
            await _pattern(bench, house, way, pattern, rating, reaction)
            contacts(house, OPEN)
            await bench.sleep(reaction)
    await _unreadable(bench, house, rating, reaction)
    contacts(house, OPEN)
    await bench.sleep(2.0 + reaction)
    bench.record.close("feed-in after everything", -house.grid, 0.93 * rating, 0.02 * rating, "W")
    reasons = house.said("ripple control")
    bench.record.check("every limit has its reason", len(reasons) >= 4, ">= 4 events", len(reasons))
    await house.stop()


async def _pattern(bench: Bench, house: House, way: str, pattern: Pattern, rating: float, reaction: float) -> None:
    """One pattern in one way, and the limit that is declared for it."""
    seen = pattern
    match way:
        case "bouncing":  # the relay chatters for a second before it stands
            for turn in range(20):
                contacts(house, pattern if turn % 2 else OPEN)
                await bench.sleep(0.05)
        case "broken wire":  # an open contact is all that a single wire can say
            closed = next((number for number in range(4) if pattern[number]), None)
            seen = tuple(each and number != closed for number, each in enumerate(pattern))  # type: ignore[assignment]
    contacts(house, seen)
    unknown = seen == UNDEFINED
    await bench.sleep(reaction + (HOLD + 5.0 if unknown else 0.0))
    limit = allowed(seen) / 100 * rating
    _obeyed(bench, house, f"{digits(pattern)} {way}", limit, rating)
    if way == "stable" and not unknown and limit:
        _not_less(bench, house, f"{digits(pattern)} {way}", limit, rating)


async def _unreadable(bench: Bench, house: House, rating: float, reaction: float) -> None:
    """An input that cannot be read: the limit before stands for its time, then nothing is fed in, whatever changes."""
    receiver = house.installations["ripple"].main.operator
    contacts(house, KNOWN)
    await bench.sleep(reaction)
    receiver["break_input"]("k1")
    await bench.sleep(HOLD / 2)
    before = allowed(KNOWN) / 100 * rating
    _obeyed(bench, house, f"{digits(KNOWN)} unreadable for {HOLD / 2:g} s", before, rating)
    _not_less(bench, house, f"{digits(KNOWN)} unreadable for {HOLD / 2:g} s", before, rating)
    await bench.sleep(HOLD / 2 + 5.0)
    for pattern in PATTERNS:
        contacts(house, pattern)
        await bench.sleep(reaction)
        _obeyed(bench, house, f"{digits(pattern)} unreadable", 0.0, rating)
    contacts(house, KNOWN)
    receiver["repair_input"]("k1")
    await bench.sleep(2.0 + reaction)
    _not_less(bench, house, f"{digits(KNOWN)} readable again", before, rating)


def _obeyed(bench: Bench, house: House, label: str, limit: float, rating: float) -> None:
    house.note(limit)
    found = -house.grid
    bench.record.check(f"feed-in under {label}", found <= limit + SLACK * rating, f"<= {limit:.0f} W", found)


def _not_less(bench: Bench, house: House, label: str, limit: float, rating: float) -> None:
    bench.record.close(f"no more is lost under {label}", -house.grid, min(limit, 0.93 * rating), 0.02 * rating, "W")


async def tariff(bench: Bench) -> None:
    """A car is charged in the cheap hours of the tariff, and not in the dear ones."""
    if bench.row.model == "Monatlich":
        raise NotApplicable("one price a month: no hour is cheaper than another")
    start = float(bench.env.now)
    hours = [3600.0 * (start // 3600 + i) for i in range(24)]
    prices = [9.0 if i == 1 else 31.0 + i / 10 for i in range(24)]
    slots = [
        {"start": _iso(hour), "end": _iso(hour + 3600), "price": price}
        for hour, price in zip(hours, prices, strict=True)
    ]
    bench.set(prices=slots)
    charger = {"name": "charger", "charging": {"mode": "cheap", "cheap_below": 20.0}}
    house = House(bench, "grid-meter", charger)
    car = house.twins["charger"]
    car.authorized, car.vehicle_current = True, 16.0
    car.set("plugged", True)
    house.start()
    for hour, price in list(zip(hours, prices, strict=True))[:3]:
        look = hour + LOOK if hour + LOOK > bench.clock.now() else hour + 3000
        await bench.sleep(look - bench.clock.now())
        power = float(car.power)
        house.note(None)
        cheap = price < 20.0
        held = power > 9000 if cheap else power < 50
        bench.record.check(f"at {price:g} ct/kWh", held, "charging" if cheap else "not charging", power)
    await house.stop()


def _iso(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).isoformat().replace("+00:00", "Z")

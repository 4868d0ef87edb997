"""Stories about signals from outside: ripple control, a marketer's limit, prices."""

from datetime import UTC, datetime
from itertools import product

from controller.strategy.household import Settings
from controller.strategy.limits import HOLD, Pattern, RippleTable
from scenarios.bench.around import House, allowed, contacts
from scenarios.bench.bench import Bench

PATTERNS: tuple[Pattern, ...] = tuple(product((False, True), repeat=4))  # type: ignore[arg-type]
UNDEFINED: Pattern = (True, True, True, True)  # left out of the table: holds, then means the strictest contact


async def ripple(bench: Bench) -> None:
    """All sixteen contact patterns in turn: feed-in never above what they allow, and free again after them."""
    table = RippleTable({pattern: allowed(pattern) for pattern in PATTERNS if pattern != UNDEFINED})
    house = House(bench, "pv", "ripple", "grid-meter", load=0.0, settings=Settings(ripple=table))
    rating = float(house.twins["pv"].rated_power)
    house.sun(0.93 * rating)
    house.start()
    await bench.sleep(15.0)
    bench.record.close("feed-in without a signal", -house.grid, 0.93 * rating, 0.02 * rating, "W")
    reaction = next(m.driver.reaction for m in house.hem.members.values() if m.function == "pv")
    for pattern in PATTERNS:
        contacts(house, pattern)
        unknown = pattern == UNDEFINED
        await bench.sleep((HOLD if unknown else 0.0) + 6.0 + 2 * reaction)
        percent = allowed(pattern)
        limit = percent / 100 * rating
        house.note(limit)
        name = "".join(str(int(closed)) for closed in pattern)
        bench.record.check(
            f"feed-in under contacts {name}", -house.grid <= limit + 0.015 * rating, f"<= {limit:.0f} W", -house.grid
        )
        if not unknown and percent:
            bench.record.close(
                f"no more is lost under contacts {name}", -house.grid, min(limit, 0.93 * rating), 0.02 * rating, "W"
            )
        contacts(house, (False,) * 4)
        await bench.sleep(4.0 + reaction)
    contacts(house, (None, False, False, False))
    await bench.sleep(HOLD + 6.0 + 2 * reaction)
    bench.record.check("feed-in when a contact cannot be read", -house.grid <= 0.015 * rating, "0 W", -house.grid)
    contacts(house, (False,) * 4)
    await bench.sleep(10.0 + 2 * reaction)
    bench.record.close("feed-in after everything", -house.grid, 0.93 * rating, 0.02 * rating, "W")
    reasons = [event for event in house.hem.events if "ripple control" in event.what]
    bench.record.check("every limit has its reason", len(reasons) >= 4, ">= 4 events", len(reasons))
    await house.stop()


async def tariff(bench: Bench) -> None:
    """A car is charged in the cheap hours of the tariff, and not in the dear ones."""
    start = float(bench.env.now)
    hours = [3600.0 * (start // 3600 + i) for i in range(24)]
    prices = [9.0 if i in (2, 3) else 31.0 + i / 10 for i in range(24)]
    slots = [
        {"start": _iso(hour), "end": _iso(hour + 3600), "price": price}
        for hour, price in zip(hours, prices, strict=True)
    ]
    bench.set(prices=slots)
    house = House(bench, "grid-meter", "charger", settings=Settings(charging="cheap", cheap_below=20.0))
    car = house.twins["charger"]
    car.authorized, car.vehicle_current = True, 16.0
    car.set("plugged", True)
    house.start()
    for hour, price in list(zip(hours, prices, strict=True))[:5]:
        middle = hour + 1800 if hour + 1800 > bench.clock.now() else hour + 3000
        if middle <= bench.clock.now():
            continue
        await bench.sleep(middle - bench.clock.now())
        power = float(car.power)
        house.note(None)
        cheap = price < 20.0
        held = power > 9000 if cheap else power < 50
        bench.record.check(f"at {price:g} ct/kWh", held, "charging" if cheap else "not charging", power)
    await house.stop()


def _iso(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).isoformat().replace("+00:00", "Z")


async def marketer(bench: Bench) -> None:
    """A limit from a marketer and one from the grid operator: the lower counts, whichever it is."""
    house = House(bench, "pv", "grid-meter", "ripple", load=0.0)
    rating = bench.rating
    house.sun(0.93 * rating)
    house.start()
    for percent, pattern in (
        (70.0, (False,) * 4),
        (70.0, (False, False, True, False)),
        (20.0, (False, True, False, False)),
    ):
        house.strategy.settings = Settings(limit_percent=percent)
        contacts(house, pattern)
        await bench.sleep(10.0 + 3 * bench.driver.reaction)
        limit = min(percent, allowed(pattern)) / 100 * rating
        house.note(limit)
        bench.record.close(
            f"feed-in under marketer {percent:g} % and contacts {allowed(pattern):g} %",
            -house.grid,
            limit,
            0.015 * rating,
            "W",
        )
    house.strategy.settings = Settings()
    contacts(house, (False,) * 4)
    await bench.sleep(10.0 + 3 * bench.driver.reaction)
    bench.record.close("feed-in when both have let go", -house.grid, 0.93 * rating, 0.02 * rating, "W")
    await house.stop()

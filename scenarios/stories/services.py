"""Stories about price services over days: a year without a hole, late and missing days, slots without a price."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scenarios.bench.bench import Bench
from scenarios.bench.story import Story
from scenarios.kinds.kind import Kind

BERLIN = ZoneInfo("Europe/Berlin")
AFTERNOON = time(15, 7)  # local, when tomorrow is there
DAYS = 367  # from the summer of 2025 on: both clock changes, and the change from hours to quarter-hours
RETRIES = 3 * 3600.0  # s within which a day that comes late is noticed
OVERLAP = 1800.0  # s by which a slot that overlaps another one begins too early
Slots = dict[float, tuple[float, float]]  # start -> end, ct/kWh


async def year(bench: Bench) -> None:
    """Prices read each afternoon of a year, with both clock changes: every instant has one price, and none has two."""
    await bench.identify()
    seen: Slots = {}
    twice: list[str] = []
    first = last = local(bench.clock.now())
    for _ in range(DAYS):
        await bench.sleep(max(at(last, AFTERNOON) - bench.clock.now(), 0.0))
        for slot in (await bench.read())["prices"] or []:  # type: ignore[union-attr]
            keep(seen, slot, twice)
        last += timedelta(days=1)
    record = bench.record
    record.check("no slot changes or is there twice", not twice, "each once", twice[:3])
    begin, end = at(first + timedelta(days=1), time()), at(last, time())
    holes, doubles = gaps(seen, begin, end)
    record.check("no instant of the year lacks its price", not holes, "none", holes[:3])
    record.check("no instant of the year has two prices", not doubles, "none", doubles[:3])
    changes = [day for day in days(first, last) if len({len_of(day), 24}) == 2]
    record.check("both clock changes were in it", len(changes) == 2, "23 and 25 hours", [str(day) for day in changes])
    record.figures["slots"] = float(len(seen))


async def late(bench: Bench) -> None:
    """Tomorrow comes hours late, then in parts: today's prices stand meanwhile, and nothing is made up."""
    await bench.identify()
    switches = bench.device.operator
    today = local(bench.clock.now())
    switches["switch_on"]("tomorrow-late")
    await bench.sleep(at(today + timedelta(days=1), AFTERNOON) - bench.clock.now())
    tomorrow = at(today + timedelta(days=2), time())
    found = await slots(bench)
    bench.record.check(
        "nothing of a day that is not out yet", not from_(found, tomorrow), "none", from_(found, tomorrow)
    )
    now = bench.clock.now()
    bench.record.check("today has its prices", any(a <= now < b for a, (b, _) in found.items()), "a slot", len(found))
    if "tomorrow-partial" in known(bench):
        switches["switch_off"]("tomorrow-late")
        switches["switch_on"]("tomorrow-partial")
        await bench.sleep(RETRIES)
        found = await slots(bench)
        part = from_(found, tomorrow)
        bench.record.check("of a part of a day no more than is there", len(part) <= 24, "six hours", len(part))
        switches["switch_off"]("tomorrow-partial")
    switches["switch_off"]("tomorrow-late")
    await bench.sleep(RETRIES)
    found = await slots(bench)
    holes, doubles = gaps(found, bench.clock.now(), tomorrow + 86_000.0)
    bench.record.check("then all of it", not holes and not doubles, "no hole, nothing twice", (holes[:1], doubles[:1]))


async def missing(bench: Bench) -> None:
    """A day that a service has lost has no prices, and the days around it have theirs."""
    await bench.identify()
    today = local(bench.clock.now())
    await bench.sleep(at(today + timedelta(days=1), AFTERNOON) - bench.clock.now())
    bench.device.operator["switch_on"]("day-missing")
    await bench.sleep(RETRIES)
    answer = await bench.attempt(bench.read)
    found = {} if not isinstance(answer, dict) else taken(answer)
    day = today + timedelta(days=1)
    begin, end = at(day, time()), at(day + timedelta(days=1), time())
    truth = taken({"prices": bench.truth("prices")})
    wrong = {a: price for a, (_, price) in found.items() if begin <= a < end and not known_price(truth, a, price)}
    bench.record.check(
        "nothing is made up for a day that is gone", not wrong, "what was told before, or nothing", wrong
    )
    bench.device.operator["switch_off"]("day-missing")
    await bench.sleep(RETRIES)
    found = await slots(bench)
    holes, doubles = gaps(found, bench.clock.now(), end)
    bench.record.check("it is there again when the service has it", not holes and not doubles, "no hole", holes[:1])


async def priceless(bench: Bench) -> None:
    """Slots without a price, twice, overlapping or in any order: none is counted double, none is 0 ct."""
    await bench.identify()
    for switch in ("null", "duplicate", "overlap", "unsorted"):
        if switch not in known(bench):
            continue
        bench.device.operator["switch_on"](switch)
        await bench.sleep(RETRIES)
        answer = await bench.attempt(bench.read)
        bench.device.operator["switch_off"](switch)
        if not isinstance(answer, dict):
            continue  # refused as a whole: a typed error
        truth, found = taken({"prices": bench.truth("prices")}), taken(answer)
        early = OVERLAP if switch == "overlap" else 0.0
        wrong = {a: price for a, (_, price) in found.items() if not known_price(truth, a, price, early)}
        before = {a: price for a, price in wrong.items() if a < min(truth, default=0.0)}
        bench.record.check(f"each price is one of the service's with {switch}", wrong == before, "no other", wrong)
        _, doubles = gaps(found, min(found, default=0.0), max(found, default=0.0))
        bench.record.check(f"no instant has two prices with {switch}", not doubles, "none", doubles[:2])


# what is told, in order


def taken(reading: Any) -> Slots:
    found: Slots = {}
    for slot in reading.get("prices") or []:
        keep(found, slot, [])
    return found


async def slots(bench: Bench) -> Slots:
    return taken(await bench.read())


def keep(seen: Slots, slot: Any, twice: list[str]) -> None:
    """One slot more; `twice` hears of one that says something else than before."""
    start, end = instant(slot["start"]), instant(slot["end"])
    price = float(slot["price"])
    if seen.setdefault(start, (end, price)) != (end, price):
        twice.append(f"{slot} after {seen[start]}")


def gaps(seen: Slots, begin: float, end: float) -> tuple[list[str], list[str]]:
    """Where nothing is told from `begin` to `end`, and where something is told twice."""
    holes, doubles, reached = [], [], begin
    for start, (until, _) in sorted(seen.items()):
        if until <= begin or start >= end:
            continue
        if start > reached + 1:
            holes.append(f"from {said(reached)} to {said(start)}")
        if start < reached - 1 and start >= begin:
            doubles.append(f"at {said(start)}")
        reached = max(reached, until)
    if reached < end - 1:
        holes.append(f"from {said(reached)} to {said(end)}")
    return holes, doubles


def known_price(truth: Slots, at: float, price: float, early: float = 0.0) -> bool:
    """Whether a slot of the service that covers the instant, or begins `early` s before it should, has this price."""
    return any(a - early <= at < b and abs(price - costs) < 0.01 for a, (b, costs) in truth.items())


def from_(found: Slots, begin: float) -> list[str]:
    return [said(start) for start in sorted(found) if start >= begin]


def known(bench: Bench) -> Any:
    """What can be wrong with this service."""
    return bench.profile.data.get("behaviour", {}).get("known_switches", {})


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=i) for i in range((last - first).days)]


def len_of(day: date) -> int:
    """Hours of a local day."""
    return round((at(day + timedelta(days=1), time()) - at(day, time())) / 3600)


def at(day: date, when: time) -> float:
    return datetime.combine(day, when, BERLIN).timestamp()


def local(now: float) -> date:
    return datetime.fromtimestamp(now, BERLIN).date()


def instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def said(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).isoformat(timespec="minutes")


def priced(kind: Kind) -> bool:
    return "tariff" in kind.roles


def by_day(bench: Bench) -> str:
    return "" if "day-missing" in known(bench) and bench.row.row != MONTHLY else "its contract is by the month"


MONTHLY = 145

STORIES = (
    Story("year", "Has every instant of a year its price, once?", "Days have 23 and 25 hours, and 92 and 100 quarters.",
          "a year of readings laid end to end", year, kinds=priced),
    Story("late-day", "What when tomorrow comes late, or in parts?", "Auctions are decoupled, servers are slow.",
          "what the service has published", late, by_day, kinds=priced),
    Story("missing-day", "What when the service has lost a day?", "A price that is made up is paid.",
          "what the service has published", missing, by_day, kinds=priced),
    Story("priceless", "Is a slot without price no price?", "Null is not nothing a kilowatt-hour.",
          "the service's own prices", priceless, by_day, kinds=priced),
)  # fmt: skip

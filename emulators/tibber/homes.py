"""What Tibber tells of a home: who lives there, the contract, and its prices in slots, by the hour or by the month."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from emulators.faces.prices import BERLIN, HOUR, QUARTER, Slot, by_the, local_day, market, midnight

RESOLUTIONS = {"HOURLY": HOUR, "QUARTER_HOURLY": QUARTER}
TAXES, VAT = 17.83, 1.19  # ct/kWh of grid fees, levies and taxes; value added tax
LEVELS = ((0.60, "VERY_CHEAP"), (0.90, "CHEAP"), (1.15, "NORMAL"), (1.40, "EXPENSIVE"))  # of the mean

Published = Callable[[float, float], Sequence[Slot]]
Tree = dict[str, Any]


def gross(at: float, seconds: int = HOUR) -> float:
    """ct/kWh that a customer pays, always the same, to a hundredth."""
    return round((market(at, seconds) + TAXES) * VAT, 2)


def monthly(first: date) -> float:
    """ct/kWh of a contract by the month."""
    return round(27.13 + 2.41 * ((first.month + 5) % 12 - 5.5) / 5.5 + 0.37 * (first.year % 5), 2)


def home(number: int, facts: Mapping[str, Any], switches: set[str], now: float, published: Published) -> Tree:
    """Home `number` from 0; those behind the ones with a contract have none."""
    there = number < int(facts["homes"]) and "no-subscription" not in switches
    contract = _contract(facts, switches, now, published) if there else None
    told = {"id": "a1", "status": "running", "statusReason": None, "validFrom": "2024-02-01T00:00:00.000+01:00",
            "validTo": None, "subscriber": None}  # fmt: skip
    return {
        "id": str(facts["home"]) if not number else f"{number:08d}-525a-4420-aae9-e5aedaa129ff",
        "timeZone": "Europe/Berlin", "appNickname": f"Haus {number + 1}", "appAvatar": "COTTAGE", "size": 142,
        "type": "HOUSE", "numberOfResidents": 4, "primaryHeatingSource": "AIR2WATER_HEATPUMP",
        "hasVentilationSystem": False, "mainFuseSize": 35,
        "address": {
            "address1": "Feldstraße 7", "address2": None, "address3": None, "city": "Lindow", "postalCode": "16835",
            "country": "DE", "latitude": "52.96", "longitude": "12.98",
        },
        "owner": {
            "name": "A. Muster", "firstName": "A.", "lastName": "Muster", "isCompany": False, "language": "de",
            "contactInfo": {"email": "a@example.org", "mobile": None},
        },
        "meteringPointData": {
            "consumptionEan": "DE0001234567800000000000000417000", "gridCompany": "Netz GmbH", "gridAreaCode": "",
            "priceAreaCode": "DE-LU", "productionEan": None, "energyTaxType": "none", "vatType": "normal",
            "estimatedAnnualConsumption": 4300,
        },
        "features": {"realTimeConsumptionEnabled": bool(facts["pulse"])},
        "subscriptions": [told] if there else [],
        "currentSubscription": {**told, **contract} if contract else None,
        "consumption": lambda resolution, last=1, **_: _consumption(
            str(resolution), int(last), now, bool(facts["gateway"])
        ),
        "production": lambda resolution, last=1, **_: {"nodes": [], "pageInfo": {"count": 0}},
    }  # fmt: skip


def _contract(facts: Mapping[str, Any], switches: set[str], now: float, published: Published) -> Tree:
    by_month = facts["contract"] == "monthly"

    def prices(resolution: str = "HOURLY") -> Tree:
        seconds = RESOLUTIONS[resolution]
        today = local_day(now)
        days = [_day(today + timedelta(days=i), seconds, by_month, switches, now, published) for i in (0, 1)]
        told = [[_entry(slot, day) for slot in day] for day in days]
        current = next(
            (entry for entry, slot in zip(told[0], days[0], strict=True) if slot.start <= now < slot.end), None
        )
        return {"current": current, "today": told[0], "tomorrow": told[1]}

    months = list(published(float("-inf"), float("inf"))) if by_month else _months(now, 13)
    if "month-missing" in switches:
        months = [slot for slot in months if slot.end <= now]
    rating = {
        name: {"currency": "EUR", "minTotal": None, "maxTotal": None, "entries": [_rated(each) for each in entries]}
        for name, entries in (("hourly", []), ("daily", []), ("monthly", months))
    }
    return {"priceInfo": prices, "priceRating": rating}


def _day(
    day: date, seconds: int, by_month: bool, switches: set[str], now: float, published: Published
) -> Sequence[Slot]:
    start, end = midnight(day), midnight(day + timedelta(days=1))
    if not by_month:
        return by_the(seconds, published(start, end))
    if end > now + 36 * HOUR:
        return []
    slots = [Slot(at, at + seconds, gross(at, seconds)) for at in range(int(start), int(end), seconds)]
    return [] if day > local_day(now) and "tomorrow-late" in switches else slots


def months_of(now: float, count: int) -> list[Slot]:
    """The prices of the present month and those before it."""
    return _months(now, count)


def _months(now: float, count: int) -> list[Slot]:
    first = local_day(now).replace(day=1)
    found: list[Slot] = []
    for _ in range(count):
        following = (first + timedelta(days=32)).replace(day=1)
        found.insert(0, Slot(midnight(first), midnight(following), monthly(first)))
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def _entry(slot: Slot, day: Sequence[Slot]) -> Tree:
    told = {"startsAt": local(slot.start), "currency": "EUR"}
    if slot.price is None:
        return {**told, "total": None, "energy": None, "tax": None, "level": None}
    total = round(slot.price / 100, 6)
    energy = round(total / VAT - TAXES / 100, 4)
    known = [each.price for each in day if each.price is not None]
    ratio = slot.price / (sum(known) / len(known))
    level = next((name for most, name in LEVELS if ratio < most), "VERY_EXPENSIVE")
    return {**told, "total": total, "energy": energy, "tax": round(total - energy, 6), "level": level}


def _rated(slot: Slot) -> Tree:
    total = None if slot.price is None else round(slot.price / 100, 4)
    return {"time": local(slot.start), "total": total, "energy": total, "tax": None, "difference": 0.0,
            "level": "NORMAL"}  # fmt: skip


def _consumption(resolution: str, last: int, now: float, gateway: bool) -> Tree:
    """Nodes by the month; by the hour those of yesterday and before, where a smart meter gateway counts them."""
    if resolution == "HOURLY" and gateway:
        end = midnight(local_day(now))
        hours = [end - HOUR * back for back in range(last, 0, -1)]
        nodes = [
            {"from": local(at), "to": local(at + HOUR), "consumption": 0.413, "consumptionUnit": "kWh"} for at in hours
        ]
        return {"nodes": nodes, "pageInfo": {"count": len(nodes)}}
    if resolution != "MONTHLY":
        return {"nodes": [], "pageInfo": {"count": 0}}
    nodes = [
        {"from": local(slot.start), "to": local(slot.end), "unitPrice": (slot.price or 0.0) / 100, "currency": "EUR",
         "unitPriceVAT": round((slot.price or 0.0) / 100 * (1 - 1 / VAT), 4), "consumption": 358.3,
         "consumptionUnit": "kWh", "cost": round(3.583 * (slot.price or 0.0), 2)}
        for slot in _months(now, last + 1)[:-1]
    ]  # fmt: skip
    return {"nodes": nodes, "pageInfo": {"count": len(nodes)}}


def local(at: float) -> str:
    """2026-10-25T02:00:00.000+02:00."""
    return datetime.fromtimestamp(at, UTC).astimezone(BERLIN).isoformat(timespec="milliseconds")

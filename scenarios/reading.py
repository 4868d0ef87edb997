"""Stories about reading: who is it, what does it say, with which sign, and what when it says nothing."""

import re
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from controller.errors import DeviceError, LineClosed, LineTimeout, Refused
from emulators.build import build
from emulators.profile import Facts, Profile, profiles
from scenarios.bench import AT_THE_METER, Bench
from scenarios.mutants import points
from scenarios.record import NotApplicable
from scenarios.story import Story
from scenarios.truths import tolerance
from scenarios.truths import wide as wide_truth

# What a driver of each kind has to deliver at least.
REQUIRED = {
    "pv-inverter": ("power", "energy"),
    "battery-inverter": ("battery_power", "soc"),
    "charging-station": ("power", "vehicle"),
    "electricity-meter": ("power", "import_energy"),
    "heating-rod": ("power", "water_temperature"),
    "ripple-control-receiver": ("k1", "k2", "k3", "k4"),
    "dynamic-tariff": ("prices",),
    "heat-meter": ("heat_power", "heat_energy"),
    "gas-meter": ("volume",),
}


UNMETERED = ("vehicle", "plugged", "enabled", "current_limit", "rfid", "phases", "status")


async def identify(bench: Bench) -> None:
    identity = await bench.identify()
    record = bench.record
    record.check("a manufacturer is named", bool(identity.manufacturer), "a name", identity.manufacturer)
    record.check("a model is named", bool(identity.model), bench.device.model, identity.model)
    names = {each.name for each in bench.row.variants}
    if identity.model in names:
        record.check(
            "the model is the one that stands there", _same(bench, identity.model), bench.device.model, identity.model
        )
    for what, found in (("serial", identity.serial), ("firmware", identity.firmware)):
        if found:
            known = (serials(bench) if what == "serial" else set()) or shown_by(bench)
            record.check(f"the {what} is one that the device shows", found in known, "its own", found)
        if what in told_by(bench):
            record.check(f"the {what} is told", bool(found), "a text or number", found)
    if any(hasattr(bench.driver_class, name) for name in RATED) and "rated_power" not in bench.lacks:
        record.check("the rated power is told", identity.rated_power is not None, bench.rating, identity.rated_power)
    if identity.rated_power is not None and bench.rating:
        record.close("rated_power", identity.rated_power, bench.rating, max(60.0, 0.01 * bench.rating), "W")


TOLD = {
    "serial": ("serial", "serial_number", "logger_serial"),
    "firmware": ("version", "firmware", "software", "manager_version"),
}


RATED = ("rated", "rating", "rated_power", "nominal", "inverter_rated", "der_rating")


def told_by(bench: Bench) -> set[str]:
    """What of the identity this driver has a point for, and the device a text that is not empty."""
    return {
        what for what, names in TOLD.items()
        if any(hasattr(bench.driver_class, name) for name in names) and what not in bench.lacks
    }  # fmt: skip


def serials(bench: Bench) -> set[str]:
    """What the registers say that are called serial number, at the unit ids that were asked."""
    found = set()
    for space in spaces(bench, spoken(bench)):
        for row in space.rows:
            if row.name.endswith(" SN") or re.search("serial|sernum", row.name.casefold()):
                data = space.read(row.address, row.words)
                text = data.rstrip(b"\0").decode("utf-8", "replace")
                found.add(text if row.base.startswith("STR") else str(int.from_bytes(data, "big")))
    return found


def shown_by(bench: Bench) -> set[str]:
    """Texts and numbers that the emulator has on its wire for good: constants of its tables and of its face."""
    known: set[str] = set()
    for device in bench.installation.devices:
        for owner in (device.face, device.twin):
            known |= {
                str(getattr(owner, name)) for name in ("serial", "firmware", "serial_number") if hasattr(owner, name)
            }
    _constants(bench.profile.data, known)
    return known


def _constants(data: object, known: set[str]) -> None:
    if isinstance(data, str):
        known.add(data.removeprefix("="))
    elif isinstance(data, int | float):
        known.add(str(data))
    elif isinstance(data, dict):
        for each in data.values():
            _constants(each, known)
    elif isinstance(data, list):
        for each in data:
            _constants(each, known)


def _same(bench: Bench, model: str) -> bool:
    """Models that share a type code cannot be told apart by anybody."""
    facts = {each.name: each for each in bench.profile.models_of(bench.row.row)}
    stands, found = facts[bench.device.model], facts.get(model)
    return found is not None and (found.name == stands.name or _marks(found) == _marks(stands))


def _marks(facts: object) -> tuple[object, ...]:
    more = getattr(facts, "more", {})
    return tuple(
        sorted((key, str(value)) for key, value in more.items() if key in ("code", "md", "string", "type", "digits"))
    )


async def stranger(bench: Bench) -> None:
    """A device of another row stands at the address: of the same family, or of another one of the same maker."""
    strangers = list(others(bench))
    if not strangers:
        raise NotApplicable("no other row of this maker has a model that tells itself apart")
    for profile, facts in strangers:
        other = Bench(
            facts.row, bench.protocol, facts.name, driver=bench.driver_class, profile=profile,
            row_of_driver=bench.row.row,
        )  # fmt: skip
        answers: list[Any] = []
        other.tell(partial(_ask, answers=answers))
        bench.record.check(
            f"{facts.name} of row {facts.row} is not taken for row {bench.row.row}",
            isinstance(answers[0], DeviceError), "WrongDevice, or nobody there", answers[0],
        )  # fmt: skip


async def _ask(bench: Bench, answers: list[Any]) -> None:
    bench.set_telling(0)
    answers.append(await bench.attempt(bench.identify))


def others(bench: Bench) -> Iterator[tuple[Profile, Facts]]:
    """A model of each other row, the family's own and those of its maker's other families."""
    own = {_marks(each) for each in bench.profile.models_of(bench.row.row)}
    for profile in profiles() if bench.profile in profiles() else ():
        seen: set[int] = set()
        kin = profile.package == bench.profile.package and (profile.kind == bench.kind or "modbus" in bench.protocol)
        for facts in profile.models if kin else ():
            known = facts.row in seen or facts.row == bench.row.row or bench.protocol not in profile.serves[facts.row]
            alike = profile is bench.profile and (not _marks(facts) or _marks(facts) in own)
            if not known and not alike:
                seen.add(facts.row)
                yield profile, facts


def fit_meter(bench: Bench, turn: int = 0) -> None:
    """Wire the meter at the grid connection where that is left to the installer."""
    fit = bench.device.operator.get("fit-meter")
    if fit is not None:
        fit(grid_power=(-2345.0, 3217.0)[turn])


def required(bench: Bench) -> tuple[str, ...]:
    """What the driver has to deliver: the least for its kind, and what it has a point for and the device a place.

    A charging point without a meter measures nothing; `lacks` of a model are quantities that it words differently.
    """
    lacks = (
        {"rated_power"}
        | {f"{each}_l{phase}" for each in bench.facts.more.get("lacks", ()) for phase in (1, 2, 3)}
        | bench.lacks
    )
    metered = bench.facts.more.get("metered", True)
    keys = (getattr(point, "key", "") for point in points(bench.driver_class).values())
    there = shown(bench) or set(points(bench.driver_class))
    own = [
        each for each in (*points(bench.driver_class), *keys)
        if each in there and bench.knows(each) and bench.truth(each) is not None
    ]  # fmt: skip
    wanted = dict.fromkeys((*REQUIRED.get(bench.kind, ("power",)), *own))
    return tuple(each for each in wanted if each not in lacks and (metered or each in UNMETERED))


def shown(bench: Bench) -> set[str]:
    """Quantities that the device's tables show by their own names; none on wires without tables."""
    rows = {row.quantity for space in spaces(bench, spoken(bench)) for row in space.rows if row.allows("r")}
    found = {row.removeprefix("battery.") for row in rows}
    found |= {quantity for quantity, name in AT_THE_METER.items() if f"meter.{name}" in rows}
    table = getattr(bench.device.face, "table", {})
    return found | {entry[-1] for entry in table.get("entries", ())}


async def read(bench: Bench) -> None:
    fit_meter(bench)
    await bench.identify()
    told: set[str] = set()
    for turn in (0, 1):
        bench.set_telling(turn)
        fit_meter(bench, turn)
        await bench.sleep(1.1)
        reading = await bench.read()
        now = {name for name, value in reading.items() if value is not None and bench.knows(name)}
        bench.record.check("what was told before is told again", told <= now, sorted(told - now), "")
        told = now
        compared = bench.compare(reading, f"in reading {turn + 1}")
        bench.record.check("something was compared", compared > 0, "> 0", compared)
        for quantity in required(bench):
            bench.record.check(
                f"{quantity} is delivered", reading.get(quantity) is not None, "a value", reading.get(quantity)
            )
        bench.record.figures["quantities"] = float(compared)


async def wide(bench: Bench) -> None:
    """Powers above 65 535 W, as far as the device's registers can hold them; counters above a gigawatt hour's tenth."""
    await bench.identify()
    bench.set_telling(0)
    bench.set(**wide_truth(bench.twin.truth()))
    await bench.sleep(1.1)
    reading = await bench.read()
    full = [limit for space in spaces(bench) for limit in space.full()]
    for quantity, found in reading.items():
        if not bench.knows(quantity) or not isinstance(found, int | float):
            continue
        if quantity in COUNTERS and quantity in bench.twin.quantities:
            true = float(bench.truth(quantity))
            bench.record.close(f"{quantity} with its highest bit", found, true, tolerance(quantity, true), "Wh")
        if not quantity.endswith("power"):
            continue
        true = float(bench.truth(quantity))
        if brimful(abs(found), full):
            continue  # the register is full; that is the device, not the driver
        bench.record.close(f"{quantity} above 16 bit", found, true, tolerance(quantity, true), "W")
    if not bench.record.checks:
        raise NotApplicable("no power register of this device holds more than 16 bit of watts")


OFFSETS = (0.0, 16_384.0)  # raw value of 0 W: SAX counts from 16 384


def brimful(found: float, full: list[float]) -> bool:
    """Whether a power is a full register, the sum of up to four of them, or one less an offset."""
    sums = [times * limit - offset for limit in full for times in (1, 2, 3, 4) for offset in OFFSETS]
    return any(abs(found - each) <= 0.01 * each for each in sums)


def units(bench: Bench) -> dict[int, Any]:
    """What answers at the unit ids of a Modbus device, by their numbers."""
    endpoint = bench.device.endpoint
    station = getattr(endpoint.open(), "_station", None) if endpoint is not None else None
    found: dict[int, Any] = getattr(station, "units", {})
    return found


def spaces(bench: Bench, wanted: Collection[int] | None = None) -> list[Any]:
    """The register spaces behind a Modbus device, of these unit ids or of all."""
    answering = units(bench).items()
    return [space for number, unit in answering if wanted is None or number in wanted for space in unit.spaces.values()]


def spoken(bench: Bench) -> set[int]:
    """The unit ids that the driver has asked something."""
    place = 6 if bench.protocol == "modbus-tcp" else 0
    return {data[place] for _, way, data in bench.record.frames if way == ">" and len(data) > place}


STATES = {
    "pv-inverter": ("status", ("fault", "running", "standby")),
    "battery-inverter": ("status", ("fault", "running", "standby")),
    "charging-station": ("vehicle", ("A", "B", "C")),
}


async def states(bench: Bench) -> None:
    """What the device says it does, in the house's words."""
    await bench.identify()
    quantity, words = STATES[bench.kind]
    for word in words:
        bench.set_telling(0)
        bench.set(plugged=word != "A")
        bench.set(**{quantity: word})
        await bench.sleep(1.1)
        reading = await bench.read()
        if quantity not in reading and not any("state" in name for name in points(bench.driver_class)):
            raise NotApplicable(f"the driver reads no {quantity}")
        bench.record.check(f"{quantity} when {word}", reading.get(quantity) == word, word, reading.get(quantity))


def has_states(bench: Bench) -> str:
    return "" if bench.kind in STATES else "this kind has no state that the twin sets"


def powered(bench: Bench) -> str:
    return "" if "power" in bench.twin.quantities else "this kind has no power"


SIGNED = {
    "battery-inverter": ("battery_power", "grid_power", "power", "power_l1", "power_l2", "power_l3"),
    "electricity-meter": ("power", "power_l1", "power_l2", "power_l3"),
    "pv-inverter": ("battery_power", "grid_power"),  # where it shows a battery and a meter
}


async def signs(bench: Bench) -> None:
    """Every power that has two directions, and below zero all that can be: a night in which the battery is charged."""
    fit_meter(bench)
    await bench.identify()
    rating = bench.rating or 10_000.0
    for share in (-0.1877, 0.2311):
        value = share * rating
        if "pv_power" in bench.twin.quantities:
            bench.set(pv_power=0.0)
        for quantity in SIGNED[bench.kind]:
            if bench.truth(quantity) is not None:
                bench.set(**{quantity: value / 3 if "_l" in quantity and bench.twin.phases == 3 else value})
        bench.set(temperature=-7.4 if share < 0 else 41.3)
        await bench.sleep(1.1)
        reading = await bench.read()
        for quantity in (*SIGNED[bench.kind], "temperature"):
            true = bench.truth(quantity)
            if quantity in reading and bench.knows(quantity) and true is not None:
                bench.record.close(f"{quantity} at {true:.5g}", reading[quantity], true, tolerance(quantity, true))
    if not bench.record.checks:
        raise NotApplicable("nothing that this driver reads has two signs")


async def not_available(bench: Bench) -> None:
    await bench.identify()
    bench.set_telling(0)
    await bench.sleep(1.1)
    before = await bench.read()
    bench.device.faults.on("not-available")
    await bench.sleep(1.1)
    reading = await bench.attempt(bench.read)
    bench.device.faults.off("not-available")
    if isinstance(reading, DeviceError):
        bench.record.check("the driver says that it cannot read", True, "None or a typed error", reading)
        return
    absent = 0
    for quantity, found in reading.items():
        if not bench.knows(quantity) or before.get(quantity) is None:
            continue
        true = bench.truth(quantity)
        near = (
            isinstance(true, int | float)
            and isinstance(found, int | float)
            and abs(found - true) <= tolerance(quantity, true)
        )
        absent += found is None
        bench.record.check(f"{quantity} when not available", found is None or near or found == true, "None", found)
    bench.record.check("not available was seen at all", absent > 0, "> 0 quantities", absent)


def has_sentinels(bench: Bench) -> str:
    data = bench.profile.data
    tables = [data, *data.get("hanging", {}).values()]
    if "modbus" not in bench.protocol:
        return "values on this wire have no not-available pattern in registers"
    if not any(table.get("not_available") or table.get("sunspec") for table in tables):
        return "the document names no not-available pattern"
    return ""


COUNTERS = ("energy", "import_energy", "export_energy", "charge_energy", "discharge_energy")


async def counters(bench: Bench) -> None:
    """Ten hours at constant power; the counters have to show it, across 32 bits of Wh / 100 as well."""
    await bench.identify()
    rating = bench.rating or 10_000.0
    for quantity in COUNTERS:
        bench.set(**{quantity: 4_294_000.0})
    bench.set(power=0.6137 * rating)
    await bench.sleep(1.1)
    before = await bench.read()
    await bench.sleep(10 * 3600.0)
    after = await bench.read()
    looked = 0
    for quantity in COUNTERS:
        first, last = before.get(quantity), after.get(quantity)
        if isinstance(first, int | float) and isinstance(last, int | float) and quantity in bench.twin.quantities:
            grown = bench.truth(quantity) - 4_294_000.0
            looked += 1
            bench.record.close(
                f"{quantity} after ten hours", last - first, grown, 2 * tolerance(quantity, grown) + 0.01 * grown, "Wh"
            )
    if not looked:
        raise NotApplicable("the driver reads no energy counter")


async def wrong_unit(bench: Bench) -> None:
    """The driver asks at a unit id where nobody is: a typed error, never somebody else's data."""
    bench.driver.unit = 99 if bench.device.unit != 99 else 98
    answer = await bench.attempt(bench.identify)
    if not isinstance(answer, DeviceError):
        answer = await bench.attempt(bench.read)
    expected = (LineTimeout, LineClosed, Refused)
    bench.record.check(
        "nobody answers at a foreign unit id", isinstance(answer, expected), "LineTimeout or Refused", answer
    )


def has_units(bench: Bench) -> str:
    if "modbus" not in bench.protocol:
        return "this wire has no unit ids"
    return "the device ignores the unit id" if bench.profile.data.get("modbus", {}).get("any_unit") else ""


async def two_devices(bench: Bench) -> None:
    """A second device of the same kind shares the line at another unit id; each tells its own values."""
    if bench.device.unit > 246:
        raise NotApplicable("the unit id of this device is fixed")
    other_unit = bench.device.unit + 1
    second = build(
        bench.row.row,
        bench.protocol,
        clock=lambda: float(bench.env.now),
        model=bench.device.model,
        unit=other_unit,
        profile=bench.profile,
    )
    station, extra = bench.installation.wire.open()._station, second.wire.open()._station
    if extra.main not in extra.units or extra.main in station.units:
        raise NotApplicable("the unit id of this device is fixed")
    station.units[extra.main] = extra.units[extra.main]
    other = Bench(bench.row.row, bench.protocol, bench.device.model, driver=bench.driver_class, profile=bench.profile)
    other.installation = second
    other.env, other.record = bench.env, bench.record
    neighbour = bench.driver_class(bench.line, bench.clock, extra.main, row=bench.row.row, model=bench.device.model)
    other.lacks = shared(bench)
    for driver in (bench.driver, neighbour):
        await driver.identify()
    bench.set_telling(0)
    other.set_telling(1)
    await bench.sleep(1.1)
    bench.compare(await bench.read(), "of the first device")
    other.compare(await neighbour.read(), "of the second device")


def shared(bench: Bench) -> frozenset[str]:
    """Quantities that two devices on one line have in common: those at a unit id that is the same for both."""
    hanging = bench.profile.data.get("hanging", {}).values()
    rows = (row for table in hanging for rows in table.get("registers", {}).values() for row in rows)
    return frozenset({row[5] for row in rows} - {"power"} | set(AT_THE_METER)) if hanging else frozenset()


async def poll_budget(bench: Bench) -> None:
    """A cycle of a HEM is a second; a device on a slow line may take three."""
    await bench.identify()
    await bench.sleep(1.1)
    await bench.read()
    begin, exchanges = bench.clock.now(), len(bench.record.frames)
    for _ in range(5):
        await bench.read()
    spent = (bench.clock.now() - begin) / 5
    budget = 5.0 if bench.installation.serial is not None or bench.kind == "electricity-meter" else 1.5
    bench.record.check("seconds a reading", spent <= budget, f"<= {budget}", spent)
    bench.record.figures["seconds_per_reading"] = spent
    bench.record.figures["frames_per_reading"] = (len(bench.record.frames) - exchanges) / 5


async def hands_off(bench: Bench) -> None:
    """A device that the list calls read-only is never written to."""
    for name in ("limit_power", "charge", "discharge", "limit_current", "set_power"):
        bench.record.check(f"the driver has no {name}", not bench.can(name), "no such command", name)
    await bench.identify()
    for _ in range(10):
        await bench.read()
        await bench.sleep(1.0)
    bench.record.check("nothing was written on the wire", not bench.writes(), "no write", bench.writes())


def read_only(bench: Bench) -> str:
    return "the device is controlled" if bench.controllable else ""


def signed(bench: Bench) -> str:
    return "" if SIGNED.get(bench.kind) else "no quantity of this kind has two signs"


STORIES = (
    Story("identify", "Who is it?", "A wrong device under a right address gets wrong setpoints.",
          "the emulator's model and rating", identify, every_model=True),
    Story("stranger", "Is a device of another row refused?", "The list promises a row, not a maker.",
          "WrongDevice", stranger),
    Story("read", "Is every quantity read as it is?", "Address, scale, sign, width and word order at once.",
          "the twin's truth, two sets of telling values", read, every_model=True),
    Story("signs", "Do both directions carry the right sign?", "A flipped sign turns saving into buying.",
          "house signs: import, generation, discharge positive", signs, signed),
    Story("wide", "Are large powers whole?", "The high word of a register is zero in every small house.",
          "the twin's truth above 65 535 W", wide, powered),
    Story("states", "Does it say what it is doing?", "A fault that looks like night is found in spring.",
          "the twin's status, the vehicle's state", states, has_states),
    Story("not-available", "Is a missing value absent?", "A sentinel read as a number is a huge power.",
          "None, or the truth where the register has no pattern", not_available, has_sentinels),
    Story("counters", "Do counters count?", "Bills and rates are made of differences.",
          "the twin's counters over ten hours", counters),
    Story("wrong-unit", "Is nobody's answer nobody's?", "Gateways answer for others.",
          "a typed error", wrong_unit, has_units),
    Story("two-devices", "Do two devices share a line?", "RS485 has one pair for all.",
          "each twin's truth", two_devices, has_units),
    Story("poll-budget", "Is a reading quick enough?", "A cycle that takes too long controls nothing.",
          "1.5 s on a network, 5 s on a serial line", poll_budget),
    Story("hands-off", "Is a read-only device left alone?", "The list forbids control of some devices.",
          "no command in the driver, no write on the wire", hands_off, read_only),
)  # fmt: skip

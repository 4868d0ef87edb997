"""Stories about who a device is: itself to its own row, a stranger to every other."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from controller.compatibility.rows import rows
from controller.drivers.serving import claims
from controller.errors import DeviceError, WrongDevice
from emulators.family.profile import Facts, Profile, profile_for, profiles
from emulators.table.rows import Row
from scenarios.bench.bench import Bench
from scenarios.bench.declared import points
from scenarios.bench.record import NotApplicable, Record
from scenarios.bench.registers import rows_of, spaces, spoken, units
from scenarios.bench.story import Story
from scenarios.bench.subject import RealSubject, attempt
from scenarios.stories import placed


async def unprompted(bench: Bench) -> None:
    """What the device says of itself where no installer has named a model."""
    driver = bench.driver_class(bench.line, bench.clock, bench.driver.unit, row=bench.row.row, **bench.installer)
    await bench.sleep(1.0)  # a second controller would not come in the same breath
    identity = await bench.attempt(driver.identify)
    if isinstance(identity, DeviceError):
        refused = isinstance(identity, WrongDevice)
        bench.record.check("a device that does not tell its model is refused as such", refused, "WrongDevice", identity)
        said_whole(bench, identity)
        return
    told, names = identity.model, {each.name for each in bench.row.variants}
    same = _same(bench, told) if told in names else not names & texts(bench)
    bench.record.check("without the installer's word no other model is named", bool(told) and same, "its own", told)


def texts(bench: Bench) -> set[str]:
    """What stands in the registers that the driver, if it is not broken, has a text point for."""
    declared = points(getattr(bench.driver_class, "healthy", bench.driver_class)).values()
    worded = (point for point in declared if getattr(point, "text", False))
    return {str(space.value(row)) for point in worded for space, row in rows_of(bench, point)}


def legible(text: str) -> bool:
    """Whether nothing stands in it that is no letter."""
    return text.isprintable() and "\ufffd" not in text


def said_whole(bench: Bench, answer: Any, record: Record | None = None) -> None:
    """Whoever refuses a device, or finds it new, says who it is in its own words, none of them cut."""
    if isinstance(answer, WrongDevice | str):
        told = answer if isinstance(answer, str) else answer.found
        cut = [
            text
            for text in texts(bench)
            if text not in told and any(part in told for part in (text[2:], text[4:]) if len(part) > 3)
        ]
        (record or bench.record).check(
            "what stands there is named in its own words", not cut and legible(told), cut or told, told
        )


TOLD = {
    "serial": ("serial", "serial_number", "logger_serial", "serial_high"),
    "firmware": ("version", "firmware", "software", "manager_version"),
}
RATED = ("hardware_maximum", "rated", "rating", "rated_power", "nominal", "inverter_rated", "der_rating")


async def identify(bench: Bench) -> None:
    identity = await bench.identify()
    record = bench.record
    record.check("a manufacturer is named", bool(identity.manufacturer), "a name", identity.manufacturer)
    record.check("a model is named", bool(identity.model), bench.device.model, identity.model)
    new = [note for note in identity.notes if " is new" in note]
    wanted = "what is new about it" if bench.new else "nothing new about what the list has"
    record.check("a note says what is new, and nothing else", bool(new) is bench.new, wanted, "; ".join(new))
    for note in new:
        said_whole(bench, note)
    names = {each.name for each in bench.row.variants}
    strangers = {each.name for row in rows() for each in row.variants} - names
    record.check(
        "no model of another row is named", identity.model not in strangers, bench.device.model, identity.model
    )
    if identity.model in names:
        record.check(
            "the model is the one that stands there", _same(bench, identity.model), bench.device.model, identity.model
        )
    for what, found in (("serial", identity.serial), ("firmware", identity.firmware)):
        if found:
            known = ((born_with(bench) or serials(bench)) if what == "serial" else set()) or shown_by(bench)
            place = {each for each in in_place(bench, what) & known if each.isdigit() == found.isdigit()}
            longer = {each for each in known if each.startswith(tuple(f"{short}." for short in place))}
            known = place | (longer if what == "firmware" else set()) or known  # a register may hold its beginning
            record.check(f"the {what} is one that the device shows", found in known, "its own", found)
        if what in told_by(bench):
            record.check(f"the {what} is told", bool(found), "a text or number", found)
    if any(hasattr(bench.driver_class, name) for name in RATED) and "rated_power" not in bench.lacks:
        record.check("the rated power is told", identity.rated_power is not None, bench.rating, identity.rated_power)
    answering = units(bench)
    if answering:
        asked = bench.driver.unit
        record.check("it is asked at the unit id of its document", asked in answering, sorted(answering), asked)
    await unprompted(bench)
    bench.set_telling(0)
    await bench.sleep(1.1)
    later = await bench.identify()
    same = (later.model, later.serial) == (identity.model, identity.serial)
    record.check("it is the same when it has been at work for years", same, identity.model, later.model)
    if identity.rated_power is not None and bench.rating:
        record.close("rated_power", identity.rated_power, bench.rating, max(60.0, 0.01 * bench.rating), "W")


def in_place(bench: Bench, what: str) -> set[str]:
    """What stands where the driver, if it is not broken, looks for it."""
    declared = points(getattr(bench.driver_class, "healthy", bench.driver_class))
    looked = [declared[name] for name in TOLD[what] if name in declared]
    rows = [(space, row) for point in looked for space, row in rows_of(bench, point)]
    return {_word(row, space.read(row.address, row.words)) for space, row in rows if row.allows("r")}


def _word(row: Row, data: bytes) -> str:
    text = data.rstrip(b"\0").decode("utf-8", "replace")
    return text if row.base.startswith("STR") else str(int.from_bytes(data, "big"))


def told_by(bench: Bench) -> set[str]:
    """What of the identity this driver has a point for, and the device a text that is not empty."""
    return {
        what for what, names in TOLD.items()
        if any(hasattr(bench.driver_class, name) for name in names) and what not in bench.lacks
    }  # fmt: skip


def born_with(bench: Bench) -> set[str]:
    """The serial number that an emulator was made with, whatever its registers say; empty where it is a constant."""
    owners = [owner for device in bench.installation.devices for owner in (device.face, device.twin)]
    found = {str(getattr(owner, name, "")) for owner in owners for name in ("serial", "serial_number")}
    found |= {str(bench.facts.more.get("serial", "")), str(bench.profile.data.get("behaviour", {}).get("serial", ""))}
    return found - {""}


def serials(bench: Bench) -> set[str]:
    """What the registers say that are called serial number, at the unit ids that were asked."""
    found = set()
    for space in spaces(bench, spoken(bench)):
        for row in space.rows:
            if row.name.endswith(" SN") or re.search("serial|sernum", row.name.casefold()):
                found.add(_word(row, space.read(row.address, row.words)))
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


MARKS = ("code", "md", "string", "type", "digits", "map")  # facts of a model that its registers tell


def _marks(facts: object) -> tuple[object, ...]:
    more = getattr(facts, "more", {})
    return tuple(sorted((key, str(value)) for key, value in more.items() if key in MARKS))


async def stranger(bench: Bench) -> None:
    """A device of another row stands at the address: of the same family, or of another one of the same maker."""
    strangers = list(others(bench))
    if not strangers:
        alike = bench.profile.data.get("alike", {}).get("why", "")
        raise NotApplicable(alike or "no other row of this maker has a model that tells itself apart")
    for profile, facts in strangers:
        other = Bench(
            facts.row, bench.protocol, facts.name, driver=bench.driver_class, profile=profile,
            row_of_driver=bench.row.row,
        )  # fmt: skip
        met(bench, other, f"{facts.name} of row {facts.row}")


def met(bench: Bench, other: Bench, name: str) -> None:
    """The device of `other` stands where the driver of this row looks for its own."""
    answers: list[Any] = []
    other.tell(partial(_ask, answers=answers))
    bench.record.check(
        f"{name} is not taken for row {bench.row.row}",
        isinstance(answers[0], DeviceError), "WrongDevice, or nobody there", answers[0],
    )  # fmt: skip
    said_whole(other, answers[0], bench.record)


async def _ask(bench: Bench, answers: list[Any]) -> None:
    bench.set_telling(0)
    answers.append(await bench.attempt(bench.identify))


def others(bench: Bench) -> Iterator[tuple[Profile, Facts]]:
    """A model of each other row, the family's own and those of its maker's other families.

    Rows that no document tells apart stand in the family file: `alike = { rows = [74, 77], why = "..." }`.
    """
    twins = bench.profile.data.get("alike", {}).get("rows", ())
    own = {_marks(each) for each in bench.profile.models_of(bench.row.row)}
    for profile in profiles() if bench.profile in profiles() else ():
        seen: set[int] = set()
        kin = profile.package == bench.profile.package and (profile.kind == bench.section or "modbus" in bench.protocol)
        for facts in profile.models if kin else ():
            known = facts.row in seen or facts.row == bench.row.row or bench.protocol not in profile.serves[facts.row]
            alike = profile is bench.profile and (not _marks(facts) or _marks(facts) in own)
            if not known and not alike and facts.row not in twins:
                seen.add(facts.row)
                yield profile, facts


async def stranger_at(subject: RealSubject) -> None:
    """The drivers of its maker's other rows refuse this device, as far as anybody can tell them apart."""
    place = subject.settings
    asked = 0
    for number, protocol in sorted(claims()):
        family = profile_for(number, protocol) if protocol == place.protocol and number != place.row else None
        own = profile_for(place.row, place.protocol)
        if family is None or own is None or family.package != own.package:
            continue
        mine = {_marks(each) for each in own.models_of(place.row)}
        alike = family is own and (not any(mine) or bool(mine & {_marks(each) for each in own.models_of(number)}))
        if alike or place.row in family.data.get("alike", {}).get("rows", ()):
            continue
        asked += 1
        answer = await attempt(subject.as_row(number).identify)
        refused = isinstance(answer, DeviceError)
        subject.record.check(f"it is not taken for row {number}", refused, "WrongDevice, or nobody there", answer)
    if not asked:
        raise NotApplicable("no other row of this maker has a model that tells itself apart")


STORIES = (
    Story("identify", "Who is it?", "A wrong device under a right address gets wrong setpoints.",
          "the emulator's model and rating", identify, every_model=True, real="reads", placed=placed.identify),
    Story("stranger", "Is a device of another row refused?", "The list promises a row, not a maker.",
          "WrongDevice", stranger, real="reads", placed=stranger_at),
)  # fmt: skip

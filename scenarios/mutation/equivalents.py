"""Why no story can tell a broken point from the healthy one: reasons that are checked here, case by case.

A mutant is equivalent when the device would have to send, or take, what it never does: a value beyond what the quantity
reaches, a direction that it does not have, a word that is not there. Two reasons rest on what was seen: a register that
is only ever given 0 has no scale, and a value that the device shows twice may be read at either place.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controller.drivers.modbus.points import Point
from emulators.family.profile import Facts, Profile
from emulators.table.answers import Refusal
from scenarios.bench.bench import Bench
from scenarios.bench.declared import every_point, helpers, points
from scenarios.bench.registers import addresses, rows_of, spaces, spoken, units
from scenarios.kinds.ranges import BOUNDS, CODES, LIFETIME, MAGNITUDES, RATINGS, UNITS
from scenarios.mutation.known_equivalents import LISTED
from scenarios.mutation.mutants import Mutant
from scenarios.mutation.tables import obis


@dataclass(frozen=True)
class Known:
    """What a reason may rest on: the driver, its families, what it was seen to give, and healthy benches to look at."""

    driver: type[Any]
    profiles: Sequence[Profile]
    given: Mapping[str, set[float]]
    read: frozenset[str]  # points that were asked for with a function code
    benches: Callable[[], Sequence[Bench]]

    @property
    def rating(self) -> float:
        """The highest rated power of the listed models in W; charging points at 63 A."""
        rated = [facts.rated_power for facts in self.models]
        return max(rated) or 45_000.0

    @property
    def models(self) -> list[Facts]:
        rows = getattr(self.driver, "serves", {})
        return [facts for profile in self.profiles for facts in profile.models if facts.row in rows]


def reason(known: Known, mutant: Mutant) -> str:
    """Why this break of a driver cannot matter, empty when it can."""
    for change in (mutant.change, "*"):
        if (listed := LISTED.get((known.driver.__name__, mutant.point, change))) is not None:
            return listed
    if mutant.point == "class":
        return _of_class(known, mutant.change)
    point = every_point(known.driver).get(mutant.point)
    if point is None:
        return ""
    name = mutant.point.rpartition(".")[2]
    if never := _never(known, mutant, name, point):
        return never
    what, _, after = mutant.change.partition(" as ")
    if name in FLAGS and (after or mutant.change.startswith(("scale x", "order"))):
        return FLAGS[name]
    if after:
        return _coding(known, mutant.point, name, point, what, after)
    if mutant.change.startswith("scale x"):
        return _scale(known, mutant, name, point)
    if mutant.change.startswith(("address", "offset", "object_id", "factor")):
        return _twin(known, mutant, point)
    if mutant.change.startswith("order") and known.given.get(mutant.point) == {0}:
        return "only 0 is ever given there"
    if mutant.change.startswith("function"):
        only_written = mutant.point not in known.read and mutant.point in known.given
        return "it is only written, and writing has function codes of its own" if only_written else _function(known)
    return ""


def _of_class(known: Known, change: str) -> str:
    driver = known.driver
    if change == "refresh = None" and driver.when_silent.state == "keeps":
        return "the device keeps a command for ever; repeating it only notices strangers"
    if change.startswith("word_order"):
        own = [point for point in points(driver).values() if isinstance(point, Point) and not point.text]
        if not any(point.words > 1 and point.order is None for point in own):
            return "no register of this driver has more than one word; SunSpec has an order of its own"
        if any("word_order" in vars(bench.driver) for bench in known.benches()):
            return "the order is asked of the device before anything else"
    if change.startswith("function"):
        return _function(known)
    if change.startswith("default_unit") and all(
        profile.data.get("modbus", {}).get("any_unit") for profile in known.profiles
    ):
        return "the device ignores the unit id"
    return ""


def _function(known: Known) -> str:
    """Devices that answer functions 3 and 4 alike."""
    alike = all(
        "both" in profile.data.get("registers", {}) or profile.data.get("sunspec", {}).get("space") == "both"
        or profile.data.get("modbus", {}).get("alike")
        for profile in known.profiles
    )  # fmt: skip
    return "the device answers functions 3 and 4 alike" if alike else ""


def _never(known: Known, mutant: Mutant, name: str, point: Any) -> str:
    """Places that never hold a value, or never another one than 0."""
    if name[-3:] in ("_l2", "_l3") and all(facts.phases == 1 for facts in known.models):
        return "the devices have one phase: there is never a value"
    models = getattr(point, "models", ())
    if models and not any(
        model.id in models for bench in known.benches() for model in getattr(bench.driver, "chain", ())
    ):
        return "none of the devices has this model"
    if hasattr(point, "obis"):
        codes = [code for profile in known.profiles for code in _obis(profile)]
        return "" if point.obis in codes else "no meter of the captures sends it"
    held = [row for bench in known.benches() for _, row in rows_of(bench, point)]
    if mutant.change.startswith(("address", "offset")):
        return ""
    if held and all(not row.quantity for row in held):
        return "the devices never have a value there"
    zero = held and all(row.quantity in ("=0", "") and not row.allows("w") for row in held)
    if zero and (mutant.change.startswith("scale") or " as " in mutant.change or mutant.change.startswith("order")):
        return "the devices always say 0 there"
    return ""


def _obis(profile: Profile) -> Iterator[str]:
    for meter in profile.data.get("meters", {}).values():
        for entry in meter.get("entries", ()):
            yield obis(entry[0])


def _coding(known: Known, whole: str, name: str, point: Any, before: str, after: str) -> str:
    bits, other = int(before[1:]), int(after[1:])
    scale = abs(getattr(point, "scale", 1) or 1)
    highest = bound(known, name, getattr(point, "unit", ""))
    given = known.given.get(whole, set())
    order = getattr(point, "order", None) or getattr(known.driver, "word_order", "high first")
    if given == {0} and not _is_read(known, whole) and bits == other:
        return "only 0 is ever given there"
    if bits == other and before[0] in "us" and after[0] in "us":
        if given and not _is_read(known, whole) and all(0 <= value / scale < 1 << bits - 1 for value in given):
            return "only written, with values below the top bit: the bytes are the same"
        if highest is not None and highest / scale < 1 << bits - 1 and (before[0] == "u" or _positive(name, point)):
            return f"at most {highest:g} {getattr(point, 'unit', '')}, never negative: the top bit is never set"
        highest_raw = _rated_raw(known, name, point)
        if before[0] == "u" and highest_raw is not None and highest_raw < 1 << bits - 1:
            return f"at most {highest_raw:g} in the register, whichever of the listed models it is"
    low_alone = before[0] == "u" and after[0] == "u" and other < bits and order == "low first"
    if low_alone and highest is not None and highest / scale < 1 << other:
        return f"the low word comes first and says all values up to {highest:g} {getattr(point, 'unit', '')}"
    return ""


def _rated_raw(known: Known, name: str, point: Any) -> float | None:
    """The highest raw value of a rating or capacity, from what the emulated models say and how large the largest is."""
    if name not in RATINGS and not name.endswith(("rating", "capacity")):
        return None
    found = []
    for bench in known.benches():
        for space in spaces(bench, spoken(bench)):
            for row in space.rows:
                if any(row.address == at for at, _ in addresses(bench.driver, point)):
                    value = space.value(row)
                    if isinstance(value, int | float):
                        found.append(value / row.scale * known.rating / (bench.rating or known.rating))
    return max(found) if found else None


def _is_read(known: Known, whole: str) -> bool:
    """Measures are polled; of settings nobody knows better than the reasons below."""
    return "Measure" in type(every_point(known.driver)[whole]).__name__


def _positive(name: str, point: Any) -> bool:
    one_way = ("pv", "dc", "string", "import", "export", "grid_import", "grid_export", "rod")
    return name.startswith(MAGNITUDES) or (point.unit == "W" and name.startswith(one_way))


def bound(known: Known, name: str, unit: str) -> float | None:
    """The highest magnitude of a quantity by its name, of a code by its document, or of its unit."""
    plain = name[:-3] if name[-3:-1] == "_l" else name
    if plain in BOUNDS:
        return BOUNDS[plain]
    if not unit:
        codes = [float(facts.more["code"]) for facts in known.models if "code" in facts.more] if name == "code" else []
        told = CODES.get(f"{known.driver.__name__}.{name}", CODES.get(name))
        return max(codes) if codes else None if told is None else float(told)
    if unit in ("W", "VA", "var"):
        return 1.1 * known.rating if name in RATINGS else 2 * known.rating
    if unit == "Wh":
        stored = max((float(facts.more.get("capacity", 0)) for facts in known.models), default=0.0)
        if "capacity" in name:
            return stored or 24 * known.rating
        return 1e6 if "session" in name else known.rating * LIFETIME
    return UNITS.get(unit)


def _scale(known: Known, mutant: Mutant, name: str, point: Any) -> str:
    given = known.given.get(mutant.point)
    if given == {0} and not _is_read(known, mutant.point):
        return "only 0 is ever given there"
    if mutant.change == "scale x -1" and name.startswith(("current", "float_current", "der_current")):
        return "RMS current has no sign, the driver takes its magnitude"
    if mutant.change == "scale x -1" and name == "power_factor":
        return "the sign of a power factor means what its maker wants, the driver takes its magnitude"
    return ""


# Codes of which the driver only asks whether they are 0.
FLAGS = dict.fromkeys(
    (
        "lock",
        "switch_state",
        "switch_source",
        "inverter_battery",
        "battery_status",
        "fault",
        "battery_type",
        "voltage_l2",
    ),
    "the driver only asks whether it is 0",
)


def _twin(known: Known, mutant: Mutant, point: Any) -> str:
    """The place beside it that says the same, whatever is true, in every device of the driver that has this point."""
    field, _, step = mutant.change.partition(" ")
    owner = next(
        (each.kind for each in helpers(known.driver) if mutant.point.startswith(f"{each.name}.")), known.driver
    )
    factors = {each for bench in known.benches() for each in _factors(bench, owner, point)} if field == "offset" else ()
    if set(factors) == {NO_FACTOR}:
        return "the devices have no scale factor for it: nothing is read, wherever it stands"
    found = [_same(bench, owner, point, field, int(step)) for bench in known.benches()]
    seen = [each for each in found if each is not None]
    return "the device shows the same there, whatever is true" if seen and all(seen) else ""


NO_FACTOR = b"\x80\x00"  # SunSpec: a scale factor that is not implemented


def _factors(bench: Bench, owner: type, point: Any) -> Iterator[bytes | None]:
    """The scale factors of a point in the models of this device, if it has one."""
    space = _space(bench, owner, point)
    if space is not None and point.factor is not None:
        yield from (_bytes(space, at, 1) for _, at in addresses(bench.driver, point))


def _same(bench: Bench, owner: type, point: Any, field: str, step: int) -> bool | None:
    """Whether the other place says what the own one says; None when this device has no such point."""
    place = next(addresses(bench.driver, point), None)
    space = _space(bench, owner, point)
    if place is None or space is None:
        return None
    at, factor = place
    own, words = (factor, 1) if field == "factor" else (at, point.words)
    pairs = []
    for truth in TRUTHS:
        truth(bench)
        bench.device.wake()
        pair = _bytes(space, own, words), _bytes(space, own + step, words)
        pairs.append((_bare(pair[0]), _bare(pair[1])) if getattr(point, "text", False) else pair)
    if all(one is None for one, _ in pairs):
        return None
    return all(one == other for one, other in pairs)


def _bare(text: bytes | None) -> bytes | None:
    """A text as drivers take it: what stands around it is empty."""
    return None if text is None else text.strip(b"\0 ")


TRUTHS: tuple[Callable[[Bench], Any], ...] = (
    lambda bench: bench.set_telling(0),
    lambda bench: bench.set(status="fault"),
    lambda bench: bench.set_telling(1),
    lambda bench: bench.set(status="standby"),
    lambda bench: bench.set(status="running", power_limit=0.3 * bench.rating),
)


def _space(bench: Bench, owner: type, point: Any) -> Any:
    """The registers that a point of this class is read from."""
    asked: Any = bench.driver
    number = getattr(asked if type(asked) is owner else owner, "unit", getattr(owner, "default_unit", -1))
    unit = units(bench).get(number)
    function = getattr(point, "function", None) or getattr(owner, "function", 3)
    return None if unit is None else unit.spaces.get("input" if function == 4 else "holding")


def _bytes(space: Any, address: int, words: int) -> bytes | None:
    try:
        found: bytes = space.read(address, words)
    except Refusal:
        return None
    return found

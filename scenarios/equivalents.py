"""Why no story can tell a broken point from the healthy one: reasons that are checked here, case by case.

A mutant is equivalent when the device would have to send, or take, what it never does: a value beyond what the quantity
reaches, a direction that it does not have, a word that is not there. Two reasons rest on what was seen: a register that
is only ever given 0 has no scale, and a value that the device shows twice may be read at either place.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controller.drivers.points import ModbusDevice, Point
from controller.drivers.sunspec import SunSpecDevice
from emulators.profile import Profile
from scenarios.bench import Bench
from scenarios.mutants import Mutant, every_point, points
from scenarios.reading import spaces, spoken

# Highest magnitude that a quantity of this name, or of this unit, can have.
BOUNDS = {
    "soc": 100.0, "temperature": 150.0, "voltage": 1500.0, "frequency": 70.0, "power_factor": 1.0,
    "state_of_health": 100.0, "limit_percent": 120.0, "water_temperature": 120.0,
}  # fmt: skip
UNITS = {"V": 1500.0, "A": 3000.0, "Hz": 70.0, "%": 120.0, "°C": 150.0, "s": 32_000.0}
LIFETIME = 20 * 8760 / 4  # h at full power in twenty years: no meter of a house counts beyond
# Below zero never: magnitudes, or loads and generation that have one direction in their document.
MAGNITUDES = ("current", "voltage", "frequency", "soc", "energy", "capacity", "rating", "rated")
# The highest code that the document of a register knows.
CODES: Mapping[str, int] = {
    "output_type": 2, "running": 247, "byte_order": 1, "battery_type": 0x4000, "management": 2, "meter_status": 2,
    "battery_status": 4, "model_number": 16, "lock": 2, "layout": 0x0FFF, "software": 0x7FFF, "operation": 200,
    "standby": 4, "cable": 7, "phases": 3, "manager_version": 999, "mode": 10, "switch_source": 4, "switch_state": 1,
    "product": 999_999, "serial_number": 99_999_999, "firmware": 0x7FFF_FFFF, "der_state": 7, "default_command": 7,
    "storage_mode": 15, "command": 7, "reactive_mode": 9, "advanced_control": 1, "power_flow": 255,
}  # fmt: skip
WORDS = {"u16": 1, "s16": 1, "u32": 2, "s32": 2, "u64": 4, "s64": 4, "f32": 2, "f64": 4}


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
        rows = getattr(self.driver, "serves", {})
        rated = [facts.rated_power for profile in self.profiles for facts in profile.models if facts.row in rows]
        return max([45_000.0, *rated])


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
    what, _, after = mutant.change.partition(" as ")
    if name in FLAGS and (after or mutant.change.startswith("scale x")):
        return FLAGS[name]
    if after:
        return _coding(known, mutant.point, name, point, what, after)
    if mutant.change.startswith("scale x"):
        return _scale(known, mutant, name, point)
    if mutant.change.startswith(("address", "offset", "object_id", "factor")):
        return _twin(known, mutant, point)
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
    if change.startswith("default_unit"):
        return ""
    return ""


def _function(known: Known) -> str:
    """Devices that answer functions 3 and 4 alike."""
    alike = all(
        "both" in profile.data.get("registers", {}) or profile.data.get("sunspec", {}).get("space") == "both"
        or profile.data.get("modbus", {}).get("alike")
        for profile in known.profiles
    )  # fmt: skip
    return "the device answers functions 3 and 4 alike" if alike else ""


def _coding(known: Known, whole: str, name: str, point: Any, before: str, after: str) -> str:
    bits, other = int(before[1:]), int(after[1:])
    scale = abs(getattr(point, "scale", 1) or 1)
    highest = bound(known, name, getattr(point, "unit", ""))
    given = known.given.get(whole, set())
    order = getattr(point, "order", None) or getattr(known.driver, "word_order", "high first")
    if bits == other and before[0] in "us" and after[0] in "us":
        if given and not _is_read(known, whole) and all(0 <= value / scale < 1 << bits - 1 for value in given):
            return "only written, with values below the top bit: the bytes are the same"
        if highest is not None and highest / scale < 1 << bits - 1 and (before[0] == "u" or _positive(name, point)):
            return f"at most {highest:g} {getattr(point, 'unit', '')}, never negative: the top bit is never set"
    low_alone = before[0] == "u" and after[0] == "u" and other < bits and order == "low first"
    if low_alone and highest is not None and highest / scale < 1 << other:
        return f"the low word comes first and says all values up to {highest:g} {getattr(point, 'unit', '')}"
    return ""


def _is_read(known: Known, whole: str) -> bool:
    """Measures are polled; of settings nobody knows better than the reasons below."""
    return "Measure" in type(every_point(known.driver)[whole]).__name__


def _positive(name: str, point: Any) -> bool:
    return name.startswith(MAGNITUDES) or (
        point.unit == "W" and name.startswith(("pv", "dc", "string", "import", "export"))
    )


def bound(known: Known, name: str, unit: str) -> float | None:
    """The highest magnitude of a quantity by its name, of a code by its document, or of its unit."""
    plain = name[:-3] if name[-3:-1] == "_l" else name
    if plain in BOUNDS:
        return BOUNDS[plain]
    if not unit and name in CODES:
        return float(CODES[name])
    if unit in ("W", "VA", "var"):
        return 3 * known.rating
    if unit == "Wh":
        return 2 * known.rating * 24 if "capacity" in name else known.rating * LIFETIME
    return UNITS.get(unit)


def _scale(known: Known, mutant: Mutant, name: str, point: Any) -> str:
    given = known.given.get(mutant.point)
    if given == {0} and not _is_read(known, mutant.point):
        return "only 0 is ever given there"
    if mutant.change == "scale x -1" and name.startswith(("current", "float_current", "der_current")):
        return "RMS current has no sign, the driver takes its magnitude"
    return ""


# Codes of which the driver only asks whether they are 0.
FLAGS = dict.fromkeys(
    ("battery_status", "fault", "switch_source", "battery_type", "voltage_l2"), "the driver only asks whether it is 0"
)


def _twin(known: Known, mutant: Mutant, point: Any) -> str:
    """The place beside it that says the same, in every family of the driver that has this point."""
    field, _, step = mutant.change.partition(" ")
    found = [_same(bench, point, field, int(step)) for bench in known.benches()]
    seen = [each for each in found if each is not None]
    return "the device shows the same value there" if seen and all(seen) else ""


def _same(bench: Bench, point: Any, field: str, step: int) -> bool | None:
    """Whether the row at the other place shows what the own one shows; None when the device has no such point."""
    rows = {row.address: row for space in spaces(bench, spoken(bench)) for row in space.rows}
    for at, factor in _addresses(bench, point):
        own, other = (
            (rows.get(at), rows.get(at + step)) if field != "factor" else (rows.get(factor), rows.get(factor + step))
        )
        if own is None:
            continue
        return other is not None and (own.type, own.quantity, float(own.scale)) == (
            other.type, other.quantity, float(other.scale),
        )  # fmt: skip
    return None


def _addresses(bench: Bench, point: Any) -> Iterator[tuple[int, int]]:
    if isinstance(bench.driver, SunSpecDevice) and hasattr(point, "models"):
        for model in bench.driver.chain:
            if model.id in point.models:
                yield model.address + point.offset, model.address + (point.factor or 0)
    elif isinstance(bench.driver, ModbusDevice) and hasattr(point, "address"):
        yield point.address, 0


# Looked at by hand: driver, point, change -> reason.
LISTED: Mapping[tuple[str, str, str], str] = {
    ("SungrowSG", "frequency", "scale x 10"): "behind a WiNet it comes ten times too high, and the driver mends that",
    ("SungrowSH", "frequency", "scale x 10"): "behind a WiNet it comes ten times too high, and the driver mends that",
}

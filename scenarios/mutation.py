"""Judges mutants: a broken driver or table is killed by the first story that the healthy pair passes and it does not.

A survivor is equivalent only for a reason that can be checked here: the value cannot reach the bit, the codes of all
printed models stay below it, the device has no time-out to miss, the driver has no point on that register. Every
other survivor is a hole in the stories, and is named.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from controller.compatibility.rows import Row
from controller.devices import Driver
from controller.drivers.catalogue import driver_for
from emulators.profile import Profile, profile_for
from scenarios.bench import Bench
from scenarios.cases import Case, built, tell
from scenarios.mutants import Mutant, driver_mutants, emulator_mutants, points

# Stories that can see a broken point, the quick and telling ones first.
JUDGES = (
    "read", "identify", "follow", "signs", "wide", "states", "curtail", "release", "not-available", "silence", "wear",
    "restart", "bounds", "counters", "stranger", "shutdown", "hands-off", "alternatives",
    "remark",
)  # fmt: skip
# Highest magnitude that a quantity of this name can have in its unit.
BOUNDS = {
    "soc": 100.0, "temperature": 150.0, "voltage": 1500.0, "frequency": 70.0, "power_factor": 1.0,
    "state_of_health": 100.0, "limit_percent": 120.0, "water_temperature": 120.0,
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """What came of a mutant: killed by which story, survived, or equivalent for which reason."""

    row: int
    protocol: str
    side: str
    point: str
    change: str
    fate: str  # killed | survived | equivalent
    by: str


@dataclass(frozen=True)
class Pair:
    """A driver class and an emulator family on one protocol, with the cases that judge their mutants."""

    driver: type[Driver]
    profile: Profile
    cases: tuple[Case, ...]


def pairs(rows: Sequence[Row]) -> list[Pair]:
    """Every pair that serves these rows, once; its cases are a model of each row and number of phases."""
    found: dict[tuple[str, str, str], Pair] = {}
    for row in rows:
        for protocol in row.protocols:
            profile = profile_for(row.row, protocol)
            if profile is None or built(row.row, protocol):
                continue
            driver = driver_for(row.row, protocol)
            key = (driver.__module__ + driver.__qualname__, profile.file, protocol)
            models = {facts.phases: facts for facts in reversed(profile.models_of(row.row))}
            mine = tuple(Case(row.row, protocol, facts.name, "read") for facts in models.values())
            before = found.get(key)
            found[key] = Pair(driver, profile, (*(before.cases if before else ()), *mine))
    return list(found.values())


def judged(number: int, rows: Sequence[Row]) -> list[Judged]:
    """All mutants of one pair, by its place in `pairs`."""
    pair = pairs(rows)[number]
    judges = {case: healthy(case) for case in pair.cases[:6]}
    written = {write.target for case in list(judges)[:2] for write in writes(case) if isinstance(write.target, int)}
    found = []
    for mutant in (*driver_mutants(pair.driver, written), *emulator_mutants(pair.profile)):
        reason = unread(pair.driver, mutant)
        found.append(_named(pair, mutant, "equivalent", reason) if reason else judge(pair, mutant, judges, written))
    return found


def judge(pair: Pair, mutant: Mutant, judges: dict[Case, tuple[str, ...]], written: set[int]) -> Judged:
    """Tell the stories until one fails, on each case in turn."""
    for case, stories in judges.items():
        for name in stories:
            outcome = tell(replace(case, story=name), driver=mutant.driver, profile=mutant.profile)
            if outcome.verdict == "fail":
                return _named(pair, mutant, "killed", name)
    reason = equivalent(pair, mutant, written)
    return _named(pair, mutant, "equivalent" if reason else "survived", reason)


def _named(pair: Pair, mutant: Mutant, fate: str, by: str) -> Judged:
    case = pair.cases[0]
    return Judged(case.row, case.protocol, mutant.side, mutant.point, mutant.change, fate, by)


def healthy(case: Case) -> tuple[str, ...]:
    """The judging stories that the unbroken driver and emulator pass."""
    return tuple(name for name in JUDGES if tell(replace(case, story=name)).verdict == "pass")


def writes(case: Case) -> Iterator[Any]:
    """What the healthy driver writes in the commanding stories."""
    for name in ("follow", "curtail", "silence"):
        bench = Bench(case.row, case.protocol, case.model)
        told = tell_on(bench, name)
        if told:
            yield from bench.writes()


def tell_on(bench: Bench, name: str) -> bool:
    """Tell a story on a bench that is looked at afterwards; whether it applied."""
    from scenarios.catalogue import story

    each = story(name)
    if each is None or each.applies(bench):
        return False
    bench.tell(each.tell)
    return True


def unread(driver: type, mutant: Mutant) -> str:
    """Why a break of the emulator's table cannot matter: the driver has no point on that register."""
    if mutant.side != "emulator" or mutant.point == "rules":
        return ""
    address = int(mutant.point.split(" ", 1)[0])
    for point in points(driver).values():
        start = getattr(point, "address", None)
        if isinstance(start, int) and start <= address < start + getattr(point, "words", 1):
            return ""
    places = [getattr(point, "address", None) for point in points(driver).values()]
    return "" if not any(isinstance(place, int) for place in places) else "the driver has no point on this register"


def equivalent(pair: Pair, mutant: Mutant, written: set[int]) -> str:
    """A reason why no story can tell this mutant of a driver from the healthy one, empty when there is none."""
    if mutant.side != "driver":
        return ""
    if mutant.change == "refresh = None" and pair.driver.when_silent.state == "keeps":
        return "the device keeps a command for ever"
    point = points(pair.driver).get(mutant.point)
    if point is None:
        return ""
    before, _, after = mutant.change.partition(" as ")
    if not after:
        if mutant.change == "scale x -1" and mutant.point.startswith("current"):
            return "RMS current has no sign, the driver takes its magnitude"
        return ""
    bits = int(before[1:])
    if before[0] == "f" or int(after[1:]) != bits:
        return ""
    limit = bound(mutant.point, getattr(point, "unit", ""))
    scale = abs(getattr(point, "scale", 1) or 1)
    if limit is not None and limit / scale < 1 << bits - 1 and before[0] == "u":
        return f"at most {limit:g} {point.unit}, the top bit is never set"
    if getattr(point, "address", None) in written and before[0] == "u":
        return "only written, with values below the top bit: the bytes are the same"
    return ""


def bound(name: str, unit: str) -> float | None:
    """The highest magnitude of a quantity by its name, or of its unit."""
    plain = name[:-3] if name[-3:-1] == "_l" else name
    if plain in BOUNDS:
        return BOUNDS[plain]
    return {"V": 1500.0, "A": 3000.0, "Hz": 70.0, "%": 120.0, "°C": 150.0, "W": 10e6, "Wh": 1e12}.get(unit)


def run(rows: Sequence[Row], jobs: int, progress: Callable[[int, int], None]) -> list[Judged]:
    """Every mutant of every pair that serves these rows."""
    numbers = range(len(pairs(rows)))
    found: list[Judged] = []
    with ProcessPoolExecutor(jobs) as pool:
        for done, batch in enumerate(pool.map(judged, numbers, [tuple(rows)] * len(numbers)), 1):
            found += batch
            progress(done, len(numbers))
    return found


def score(found: Sequence[Judged], side: str) -> tuple[int, int, int]:
    """Killed, survived and equivalent mutants of one side."""
    counts = [
        sum(each.side == side and each.fate == fate for each in found) for fate in ("killed", "survived", "equivalent")
    ]
    return counts[0], counts[1], counts[2]

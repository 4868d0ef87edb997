"""Judges mutants: a broken driver or table is killed by the first story that the healthy pair passes and it does not.

What the healthy driver does in each story is watched once: a story that never looks at a point is not told to judge it,
one that writes it judges first. A survivor is equivalent only for a reason that is checked (`equivalents`).
Every other survivor is a hole in the stories, and is named.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import groupby, islice

from controller.compatibility.rows import Row
from controller.devices import Driver
from controller.drivers.serving import driver_for
from emulators.family.profile import Profile, profile_for
from scenarios.bench.bench import Bench
from scenarios.bench.declared import every_point
from scenarios.bench.record import Record
from scenarios.campaign.cases import Case, built, tell
from scenarios.campaign.every import story
from scenarios.mutation.equivalents import Known, reason
from scenarios.mutation.mutants import Mutant, driver_mutants
from scenarios.mutation.tables import Place, asked_with, emulator_mutants, reaches
from scenarios.mutation.unseen import Sight, alike, beyond, told
from scenarios.mutation.watching import Seen, watched
from scenarios.stories.alternatives import device, entries

# Stories that can see a broken point, the quick and telling ones first.
JUDGES = (
    "read", "identify", "signs", "wide", "states", "not-available", "counters", "follow", "silence", "release",
    "curtail", "leftovers", "restart", "bounds", "shutdown", "stranger", "hands-off", "alternatives", "wear",
)  # fmt: skip
COMMANDING = ("follow", "silence", "release", "curtail", "leftovers", "restart", "alternatives")
QUICK = 9  # stories told before anybody looks for a reason
REGISTERS = frozenset({"modbus-tcp", "modbus-rtu"})


@dataclass(frozen=True)
class Judged:
    """What came of a mutant: killed by which story, survived, or equivalent for which reason."""

    row: int  # the first of `rows`
    protocol: str
    side: str
    of: str  # driver class or family file
    rows: tuple[int, ...]
    point: str
    change: str
    fate: str  # killed | survived | equivalent
    by: str


@dataclass(frozen=True)
class Pair:
    """A driver class, a family, or both, with the cases that judge their mutants."""

    side: str
    driver: type[Driver]
    profiles: tuple[Profile, ...]
    cases: tuple[Case, ...]

    @property
    def of(self) -> str:
        return self.driver.__name__ if self.side == "driver" else self.profiles[0].file.removeprefix("emulators/")

    @property
    def rows(self) -> tuple[int, ...]:
        return tuple(sorted({case.row for case in self.cases}))


@dataclass
class Watched:
    """What the stories of a pair do with the healthy driver."""

    seen: dict[tuple[Case, str], Seen] = field(default_factory=dict)  # only stories that it passes

    def judges(self, touches: Callable[[Seen], bool], first: Sequence[str]) -> Iterator[tuple[Case, str]]:
        """The cases and stories that touch something, the likely killers first."""
        places = {case: place for place, case in enumerate(dict.fromkeys(case for case, _ in self.seen))}
        order = [*first, *(name for name in JUDGES if name not in first)]
        wanted = [each for each, seen in self.seen.items() if touches(seen)]
        # one case in full before the next: models differ little
        yield from sorted(wanted, key=lambda each: (places[each[0]] > 0, order.index(each[1]), places[each[0]]))

    def given(self) -> dict[str, set[float]]:
        found: dict[str, set[float]] = {}
        for seen in self.seen.values():
            for name, values in seen.given.items():
                found.setdefault(name, set()).update(values)
        return found


def pairs(rows: Sequence[Row]) -> list[Pair]:
    """Every driver class and every family that serves these rows, once; the drivers first."""
    drivers: dict[type[Driver], Pair] = {}
    families: dict[str, Pair] = {}
    for row in rows:
        for protocol in row.protocols:
            profile = profile_for(row.row, protocol)
            if profile is None or built(row.row, protocol):
                continue
            driver = driver_for(row.row, protocol)
            models = {facts.phases: facts for facts in reversed(profile.models_of(row.row))}
            mine = tuple(Case(row.row, protocol, facts.name, "read") for facts in models.values())
            before = drivers.get(driver)
            if before is None or profile not in before.profiles or row.row not in before.rows:  # one protocol will do
                old = before or Pair("driver", driver, (), ())
                known = old.profiles if profile in old.profiles else (*old.profiles, profile)
                drivers[driver] = replace(old, profiles=known, cases=(*old.cases, *mine))
            if "registers" in profile.data and protocol not in REGISTERS:
                continue  # another wire of a family whose tables are registers
            own = families.get(profile.file) or Pair("emulator", driver, (profile,), ())
            if row.row not in own.rows:
                families[profile.file] = replace(own, cases=(*own.cases, *mine))
    return [*drivers.values(), *families.values()]


def judged(number: int, rows: Sequence[Row]) -> list[Judged]:
    """All mutants of one pair, by its place in `pairs`."""
    pair = pairs(rows)[number]
    return list(of_driver(pair) if pair.side == "driver" else of_family(pair))


def of_driver(pair: Pair, wanted: Callable[[Mutant], bool] = lambda mutant: True) -> Iterator[Judged]:
    """The mutants of a driver class."""
    stories = watch(pair)
    given = stories.given()
    read = frozenset(name for seen in stories.seen.values() for name in seen.read)
    known = Known(pair.driver, pair.profiles, given, read, cache(lambda: _identified(pair)))
    for mutant in driver_mutants(pair.driver, given):
        if not wanted(mutant):
            continue
        first = COMMANDING if mutant.point in given else ()
        whole = mutant.point == "class"

        def touches(seen: Seen, point: str = mutant.point, whole: bool = whole) -> bool:
            return whole or point in seen.points

        judges = stories.judges(touches, first)
        killer = judge(mutant, islice(judges, QUICK))
        why = "" if killer else reason(known, mutant)
        killer = killer if killer or why else judge(mutant, judges)
        yield _named(pair, mutant, killer, why)


def of_family(pair: Pair) -> Iterator[Judged]:
    """The mutants of a family's tables."""
    (profile,) = pair.profiles
    drivers = {driver_for(case.row, case.protocol) for case in pair.cases}
    declared = {name: point for driver in drivers for name, point in asked_with(driver, every_point(driver)).items()}
    stories = watch(pair)
    units = {unit for seen in stories.seen.values() for unit in seen.units}
    sight = Sight(declared, units, partial(_benches, pair))
    healthy = [told(bench) for bench in sight.benches(None)]
    for mutant, place in emulator_mutants(profile):
        why = beyond(sight, place)

        def touches(seen: Seen, place: Place | None = place) -> bool:
            return place is None or reaches({name: declared[name] for name in seen.points if name in declared}, place)

        judges = stories.judges(touches, ())
        killer = "" if why else judge(mutant, islice(judges, QUICK))
        why = why or ("" if killer else alike(sight, mutant, healthy))
        killer = killer if killer or why else judge(mutant, judges)
        yield _named(pair, mutant, killer, why)


def judge(mutant: Mutant, judges: Iterator[tuple[Case, str]]) -> str:
    """The story that fails with the mutant in place, empty when none does."""
    before, Record.impatient = Record.impatient, True
    try:
        with mutant.standing():
            for case, name in judges:
                outcome = tell(replace(case, story=name), driver=mutant.driver, profile=mutant.profile)
                if outcome.verdict == "fail":
                    return name
    finally:
        Record.impatient = before
    return ""


def _named(pair: Pair, mutant: Mutant, killer: str, why: str) -> Judged:
    fate = "killed" if killer else "equivalent" if why else "survived"
    protocol = pair.cases[0].protocol
    rows = pair.rows
    return Judged(rows[0], protocol, pair.side, pair.of, rows, mutant.point, mutant.change, fate, killer or why)


def watch(pair: Pair) -> Watched:
    """Tell every judging story to the unbroken driver and keep those that it passes."""
    found = Watched()
    for case in pair.cases:
        for name in JUDGES:
            if story(name) is None:
                continue
            seen = Seen()
            healthy = driver_for(case.row, case.protocol)
            with watched(healthy, seen) as driver:
                if tell(replace(case, story=name), driver=driver).verdict == "pass":
                    found.seen[case, name] = seen
    return found


def _benches(pair: Pair, broken: Mutant | None = None) -> list[Bench]:
    """A bench of each case and of its alternatives, of a broken family or the healthy one."""
    profile = broken.profile if broken else None
    benches = []
    for case in pair.cases:
        bench = Bench(case.row, case.protocol, case.model, profile=profile)
        others = [entry for entry in entries(bench) if not entry.get("refuses")]
        benches += [bench, *(device(bench, entry) for entry in others)]
    return benches


def _identified(pair: Pair) -> list[Bench]:
    """Healthy benches whose driver knows its device."""
    benches = _benches(pair)
    for each in benches:
        each.tell(_identify)
    return benches


async def _identify(bench: Bench) -> None:
    await bench.identify()
    await bench.read()


def run(rows: Sequence[Row], jobs: int, progress: Callable[[int, int], None]) -> list[Judged]:
    """Every mutant of every driver and family that serves these rows."""
    found: dict[int, list[Judged]] = {}
    weights = {number: weight(pair) for number, pair in enumerate(pairs(rows))}
    with ProcessPoolExecutor(jobs) as pool:  # the longest first, so that nobody waits for it at the end
        order = sorted(weights, key=lambda number: -weights[number])
        waiting = {pool.submit(judged, number, tuple(rows)): number for number in order}
        for done in as_completed(waiting):
            found[waiting[done]] = done.result()
            progress(len(found), len(weights))
    return [each for number in sorted(found) for each in found[number]]


def weight(pair: Pair) -> int:
    """How long a pair takes, roughly: its mutants that are judged, times its cases."""
    points = len(every_point(pair.driver))
    return points * len(pair.cases) * (12 if pair.side == "driver" else 1)


def score(found: Sequence[Judged], side: str) -> tuple[int, int, int]:
    """Killed, survived and equivalent mutants of one side."""
    counts = [
        sum(each.side == side and each.fate == fate for each in found) for fate in ("killed", "survived", "equivalent")
    ]
    return counts[0], counts[1], counts[2]


def told_of(found: Sequence[Judged]) -> Iterator[str]:
    """The scores of both sides, of each class and family, and the survivors, the changes of a point together."""
    for side in ("driver", "emulator"):
        yield f"{side + 's':32} {'':21} {_share(*score(found, side))}"
    for _, of in groupby(found, key=lambda each: (each.side, each.of)):
        group = list(of)
        one = group[0]
        yield f"  {one.of:32} rows {_ranges(one.rows):16} {_share(*score(group, one.side))}"
    survivors = [each for each in found if each.fate == "survived"]
    for _, of_point in groupby(survivors, key=lambda each: (each.side, each.of, each.point)):
        same = list(of_point)
        one = same[0]
        yield f"SURVIVED {one.side} {one.of} {one.point}: {', '.join(each.change for each in same)}"


def _share(killed: int, survived: int, equivalent: int) -> str:
    share = 100 * killed / (killed + survived) if killed + survived else 100.0
    return f"{share:5.1f} %  {killed} killed, {survived} survived, {equivalent} equivalent"


def _ranges(rows: Sequence[int]) -> str:
    """1-5,7 for 1, 2, 3, 4, 5 and 7."""
    parts: list[str] = []
    for _, run_ in groupby(enumerate(rows), key=lambda each: each[1] - each[0]):
        numbers = [row for _, row in run_]
        parts.append(f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else str(numbers[0]))
    return ",".join(parts)

"""Judges mutants: a broken driver or table is killed by the first scene that the healthy pair passes and it does not.

What the healthy driver does in each scene is watched once: a scene in which it never looks at a point is not played to
judge it. A mutant that none of them kills is held against the healthy one, frame by frame (`scenes`). Where anything
differs, all other stories are told to it too. Tables are judged by a stranger first (`strangers`), word by word.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cached_property
from time import process_time

from controller.compatibility.rows import Row
from controller.drivers.serving import driver_for
from scenarios.bench.asking import obis
from scenarios.bench.bench import Bench
from scenarios.bench.record import Record
from scenarios.bench.registers import looking
from scenarios.mutation.accepted import ACCEPTED, Break
from scenarios.mutation.fates import Found, Judged
from scenarios.mutation.mutants import Mutant, driver_mutants
from scenarios.mutation.pairs import Pair, pairs
from scenarios.mutation.scenes import Played, Scene, Verdict, others, play, quick
from scenarios.mutation.strangers import Strangers
from scenarios.mutation.tables import Origin
from scenarios.mutation.watching import Seen, watched

Touches = Callable[[Seen], bool]
COMMANDING = frozenset({"follow", "silence", "release", "curtail", "leftovers", "restart", "restarted"})


@dataclass
class Theatre:
    """The scenes of a pair, with what the healthy driver does in each; those that it fails judge nobody."""

    pair: Pair
    scenes: dict[Scene, tuple[Played, Seen, float]] = field(default_factory=dict)
    later: dict[Scene, tuple[Played, Seen, float]] | None = None
    red: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scenes = self.watch(quick(self.pair.cases))
        self._last: dict[str, list[Scene]] = {}  # who killed the mutants of a point

    @cached_property
    def benches(self) -> list[Bench]:
        """Healthy benches whose drivers know their devices, one for each driver class."""
        cases = {driver_for(case.row, case.protocol): case for case in self.pair.cases}
        found = [Bench(case.row, case.protocol, case.model) for case in cases.values()]
        for bench in found:
            bench.tell(_identify)
        return found

    def watch(self, scenes: Iterable[Scene]) -> dict[Scene, tuple[Played, Seen, float]]:
        found = {}
        for scene in scenes:
            seen, before = Seen(), process_time()
            with watched(driver_for(scene.case.row, scene.case.protocol), seen) as driver:
                played = play(scene, driver)
            if played is not None and not played.held:
                self.red.append(f"{self.pair.of} {scene.case.id.rpartition('/')[0]}: {scene.name}")
            elif played is not None:
                found[scene] = played, seen, process_time() - before
        return found

    def given(self) -> dict[str, set[float]]:
        """Values that the driver wrote, by point."""
        found: dict[str, set[float]] = {}
        for _, seen, _ in self.scenes.values():
            for name, values in seen.given.items():
                found.setdefault(name, set()).update(values)
        return found

    def judge(self, mutant: Mutant, touches: Touches, verdict: Verdict, *, writes: bool = False) -> None:
        """Play what touches a mutant until something kills it, the likely and the quick scenes first."""
        likely = self._last.setdefault(mutant.point, [])

        def order(scene: Scene) -> tuple[bool, bool, bool, float]:
            commanding = scene.story.id in COMMANDING
            return scene not in likely, writes and not commanding, scene.entry is not None, self.scenes[scene][2]

        wanted = sorted((each for each, (_, seen, _) in self.scenes.items() if touches(seen)), key=order)
        self._play(mutant, wanted, self.scenes, verdict)

    def judge_further(self, mutant: Mutant, touches: Touches, verdict: Verdict) -> None:
        """All other stories."""
        if self.later is None:
            self.later = self.watch(others(self.pair.cases[:1]))
        wanted = [each for each, (_, seen, _) in self.later.items() if touches(seen)]
        self._play(mutant, wanted, self.later, verdict)

    def _play(
        self, mutant: Mutant, wanted: Sequence[Scene], healthy: dict[Scene, tuple[Played, Seen, float]],
        verdict: Verdict,
    ) -> None:  # fmt: skip
        before, Record.impatient = Record.impatient, True
        try:
            with mutant.standing():
                for scene in wanted:
                    played = play(scene, mutant.driver, mutant.profile)
                    if played is None or not played.held:
                        verdict.killer = scene.name
                        self._last[mutant.point] = [scene, *self._last.get(mutant.point, ())][:3]
                        return
                    verdict.lived(played, healthy[scene][0])
        finally:
            Record.impatient = before


async def _identify(bench: Bench) -> None:
    await bench.attempt(bench.identify)


def judged(number: int, rows: Sequence[Row]) -> Found:
    """All mutants of one pair, by its place in `pairs`."""
    pair = pairs(rows)[number]
    return of_driver(pair) if pair.side == "driver" else of_family(pair)


def of_driver(
    pair: Pair, wanted: Callable[[Mutant], bool] = lambda mutant: True, entries: Mapping[Break, str] = ACCEPTED
) -> Found:
    """The mutants of a driver class; `entries`: those that are accepted, with the reason."""
    theatre = Theatre(pair)
    given = theatre.given()
    found: list[Judged] = []
    accepted = {(point, change): why for (of, point, change), why in entries.items() if of == pair.of}
    stale = dict.fromkeys(accepted, "no such break any more")
    for mutant in driver_mutants(pair.driver, given):
        if not wanted(mutant):
            continue
        verdict = Verdict()

        def touches(seen: Seen, point: str = mutant.point) -> bool:
            return point == "class" or point in seen.points

        theatre.judge(mutant, touches, verdict, writes=mutant.point in given)
        reason = accepted.get((mutant.point, mutant.change), "")
        if reason or verdict.fate in ("survived", "unexercised"):
            theatre.judge_further(mutant, touches, verdict)
        fate, by = verdict.fate, verdict.killer
        if reason:
            stale[mutant.point, mutant.change] = f"{fate} by {by}" if by else "it changes nothing"
            if fate not in ("killed", "identical"):
                fate, by = "accepted", reason
                del stale[mutant.point, mutant.change]
        found.append(_named(pair, mutant, fate, by))
    lines = [f"accepted {pair.of} {point} {change}: {why}" for (point, change), why in stale.items()]
    return Found(found, lines, theatre.red)


def of_family(pair: Pair) -> Found:
    """The mutants of a family's tables."""
    (profile,) = pair.profiles
    strangers = Strangers(profile, pair.cases[0].protocol)
    theatre: Theatre | None = None
    found = []
    for mutant, origin in strangers.mutants():
        verdict = Verdict()
        strangers.judge(mutant, origin, verdict)
        if not verdict.killer:
            theatre = theatre or Theatre(pair)
            names = frozenset(name for bench in theatre.benches for name in looking(bench, places(strangers, origin)))

            def touches(seen: Seen, names: frozenset[str] = names) -> bool:
                return not seen.points.isdisjoint(names)

            theatre.judge(mutant, touches, verdict)
        found.append(_named(pair, mutant, verdict.fate, verdict.killer))
    return Found(found, (), theatre.red if theatre else ())


def places(strangers: Strangers, origin: Origin | None) -> set[int | str]:
    """Where the words of a broken cell stand, and where a break may move them."""
    found: set[int | str] = set()
    for word in strangers.touches(origin):
        if isinstance(word.address, str):
            found.add(obis(word.address).hex())
        elif word.space == "objects":
            found.add(word.address)
        else:
            found |= {word.address + step for step in range(word.words + 1)}
    return found


def _named(pair: Pair, mutant: Mutant, fate: str, by: str) -> Judged:
    case = pair.cases[0]
    return Judged(
        pair.rows[0], case.protocol, pair.side, pair.of, pair.rows, mutant.point, mutant.change, fate, by
    )  # fmt: skip


def run(rows: Sequence[Row], jobs: int, progress: Callable[[int, int], None]) -> Found:
    """Every mutant of every driver and family that serves these rows."""
    found: dict[int, Found] = {}
    every = pairs(rows)
    with ProcessPoolExecutor(jobs) as pool:  # the longest first, so that nobody waits for it at the end
        order = sorted(range(len(every)), key=lambda number: -every[number].weight)
        waiting = {pool.submit(judged, number, tuple(rows)): number for number in order}
        for done in as_completed(waiting):
            found[waiting[done]] = done.result()
            progress(len(found), len(every))
    parts = [found[number] for number in sorted(found)]
    return Found(
        [each for part in parts for each in part.judged],
        [each for part in parts for each in part.stale],
        sorted({each for part in parts for each in part.red}),
    )

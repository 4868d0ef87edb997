"""Scenes: every story told of a device as it is delivered, and the core of them told of each of its alternatives.

A scene played twice by the same driver on the same device is the same to the last byte. So what a broken one does in it
can be held against what the healthy one did: the frames on the wire, and all that the driver told and the story found.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Any

from controller.devices import Driver
from controller.drivers.serving import driver_for
from controller.errors import HemError
from emulators.family.profile import Profile
from scenarios.bench.bench import Bench
from scenarios.bench.record import Broken, Check, NotApplicable, Record
from scenarios.bench.story import Story
from scenarios.campaign.cases import Case
from scenarios.campaign.every import FAULTS, STORIES
from scenarios.kinds.truths import tolerance
from scenarios.stories import alternatives

# Stories that are quick to tell and look at what a driver reads and does; the others are told to what is left alive.
JUDGES = (
    "read", "identify", "neighbours", "neighbours-command", "neighbours-bounds", "signs", "wide",
    "states", "not-available", "counters",
    "follow", "silence", "release", "curtail", "leftovers", "restart", "restarted", "bounds", "shutdown", "stranger",
    "lookalikes",
    "hands-off", "wear", "asked", "shown", "refused", "silent",
)  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A story of a case; `entry`: the alternative of its family, None as delivered."""

    case: Case
    story: Story
    entry: int | None = None

    @property
    def name(self) -> str:
        return self.story.id if self.entry is None else f"{self.story.id} of {alternatives.named(self.alternative)}"

    @property
    def alternative(self) -> dict[str, Any]:
        assert self.entry is not None
        return alternatives.entries(delivered(self.case))[self.entry]

    def bench(self, driver: type[Driver], profile: Profile | None = None) -> Bench:
        """A fresh device with this driver."""
        case = self.case
        if self.entry is None:
            return Bench(case.row, case.protocol, case.model, driver=driver, profile=profile)
        base = copy(delivered(case))
        base.driver_class, base.profile = driver, profile or base.profile
        return alternatives.device(base, self.alternative)


Told = tuple[Any, ...]


@dataclass(frozen=True)
class Played:
    """What came of a scene: whether all held, a digest of the frames, what was told and found in the order of time."""

    held: bool
    frames: bytes
    told: Told

    def tells_as(self, other: "Played") -> bool:
        """Whether nobody can tell from what was told and found that it was another device or driver."""
        return len(self.told) == len(other.told) and all(map(alike, self.told, other.told))


@dataclass
class Verdict:
    """What the scenes made of a mutant: who killed it, or how those that it lived differ from the healthy ones."""

    killer: str = ""
    touched: bool = False
    frames: bool = False  # other frames
    told: bool = False  # other readings, or other findings

    def lived(self, now: Played, healthy: Played) -> None:
        """A scene that did not kill it."""
        self.touched = True
        self.frames = self.frames or now.frames != healthy.frames
        self.told = self.told or not now.tells_as(healthy)

    @property
    def fate(self) -> str:
        if self.killer:
            return "killed"
        if not self.touched:
            return "unexercised"
        return "survived" if self.told else "masked" if self.frames else "identical"


@cache
def delivered(case: Case) -> Bench:
    """The healthy device of a case, to look at."""
    return Bench(case.row, case.protocol, case.model)


def quick(cases: Sequence[Case]) -> Iterator[Scene]:
    """The judging stories of these cases, then the core told of their alternatives."""
    known = {each.id: each for each in STORIES}
    for case in cases:
        bench = delivered(case)
        for story in (known[name] for name in JUDGES if name in known):
            if story.offered(case.row, bench.kind, case.protocol):
                yield Scene(case, story)
    for case in cases:
        bench = delivered(case)
        for number, entry in enumerate(alternatives.entries(bench)):
            for story in alternatives.stories(entry):
                if story.offered(case.row, bench.kind, case.protocol):
                    yield Scene(case, story, number)


def others(cases: Sequence[Case]) -> Iterator[Scene]:
    """All other stories of these cases, with faults and in houses."""
    for case in cases:
        for story in (*STORIES, *FAULTS):
            told_already = story.id in (*JUDGES, "alternatives", "generic")
            if not told_already and story.offered(case.row, delivered(case).kind, case.protocol):
                yield Scene(case, story)


def play(scene: Scene, driver: type[Driver] | None = None, profile: Profile | None = None) -> Played | None:
    """Tell the story of a scene to a driver and a device, broken or not; None when it has no question to ask."""
    told: list[Any] = []
    healthy = driver or driver_for(scene.case.row, scene.case.protocol)
    try:
        bench = scene.bench(noting(healthy, told), profile)
    except Exception as defect:  # a table that no device can be built from
        return Played(False, b"", (repr(defect),))
    try:
        if scene.story.applies(bench):
            return None
        bench.tell(scene.story.tell)
    except NotApplicable:
        return None
    except Broken:
        return Played(False, b"", ())
    except Exception as defect:  # an error that no story expects, or a driver that falls over
        bench.record.checks.append(Check("no error", "none", repr(defect), held=False))
    return played(bench.record, told)


def played(record: Record, told: Sequence[Any]) -> Played:
    """What a record shows, and what a driver told meanwhile."""
    frames = hashlib.blake2b(digest_size=12)
    for at, way, data in record.frames:
        frames.update(f"{at:.6f}{way}".encode() + data)
    found = ((each.what, each.held, number_or_text(each.found)) for each in record.checks)
    return Played(record.verdict == "pass", frames.digest(), (*told, *sorted(found)))


def alike(now: Any, healthy: Any) -> bool:
    """Whether two things that were told are the same as near as anybody asks: a moment later a counter has grown.

    Numbers that a check has found it has judged itself.
    """
    if isinstance(now, dict) and isinstance(healthy, dict):
        return now.keys() == healthy.keys() and all(near(name, value, healthy[name]) for name, value in now.items())
    return bool(now == healthy)


def near(quantity: str, now: Any, healthy: Any) -> bool:
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (now, healthy))
    return abs(now - healthy) <= tolerance(quantity, healthy) if numbers else bool(now == healthy)


def number_or_text(found: str) -> str:
    try:
        return "a number" if float(found) else "0"
    except ValueError:
        return found


def noting(driver: type[Driver], told: list[Any]) -> Any:
    """The driver, with everything that it tells noted: identities, readings and errors."""
    base: Any = driver

    def noted(name: str) -> Any:
        async def tell(self: Any) -> Any:
            try:
                answer = await getattr(base, name)(self)
            except HemError as error:
                told.append(repr(error))
                raise
            told.append(there(answer) if isinstance(answer, Mapping) else repr(answer))
            return answer

        return tell

    attributes = {"__module__": driver.__module__, "healthy": getattr(driver, "healthy", driver)}
    return type(driver.__name__, (driver,), {**attributes, "identify": noted("identify"), "read": noted("read")})


def there(reading: Mapping[str, Any]) -> dict[str, Any]:
    """What a reading says; a value of None is as good as none."""
    return {name: value for name, value in reading.items() if value is not None}

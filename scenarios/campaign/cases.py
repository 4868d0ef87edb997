"""Cases: one story told of one model of one row on one protocol. What does not depend on the level runs once."""

import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from controller.compatibility.rows import Row
from controller.devices import Driver
from controller.drivers.serving import claims
from controller.errors import HemError
from emulators.family.profile import Profile, profile_for
from scenarios.bench.bench import Bench
from scenarios.bench.record import NotApplicable, Record, Verdict
from scenarios.bench.story import Story
from scenarios.campaign.every import FAULTS, STORIES, story
from scenarios.kinds.kind import kind_of


@dataclass(frozen=True, order=True)
class Case:
    """`place`: where a real device stands on a bench; empty for an emulated one."""

    row: int
    protocol: str
    model: str
    story: str
    place: str = ""

    @property
    def id(self) -> str:
        at = f"@{self.place}" if self.place else ""
        return f"{self.row}/{self.protocol}/{self.model}/{self.story}{at}"


@dataclass
class Outcome:
    """What came of a case, level apart. `plain` is the record as JSON, `seconds` how long the telling took here."""

    case: Case
    verdict: Verdict
    evidence: str
    detail: str
    plain: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


def built(row: int, protocol: str) -> str:
    """Empty when both sides claim the row on this protocol, otherwise what is missing."""
    missing = ["emulator"] if profile_for(row, protocol) is None else []
    missing += ["driver"] if not claims().get((row, protocol)) else []
    return f"no {' and no '.join(missing)}" if missing else ""


def cases(rows: Sequence[Row], protocols: Sequence[str], stories: Sequence[str]) -> Iterator[Case]:
    """The cases of these rows, in a fixed order."""
    for row in rows:
        for protocol in row.protocols:
            if (protocols and protocol not in protocols) or built(row.row, protocol):
                continue
            profile = profile_for(row.row, protocol)
            models = profile.models_of(row.row) if profile else ()
            for each in (*STORIES, *FAULTS):
                if each.id not in stories or not each.offered(row.row, kind_of(row.section), protocol):
                    continue
                for model in models if each.every_model else models[:1]:
                    yield Case(row.row, protocol, model.name, each.id)


def tell(case: Case, *, driver: type[Driver] | None = None, profile: Profile | None = None) -> Outcome:
    """Run one case. `driver` and `profile` stand in for the claimed ones (mutants)."""
    began = time.perf_counter()
    outcome = _tell(case, driver, profile)
    outcome.seconds = time.perf_counter() - began
    return outcome


def _tell(case: Case, driver: type[Driver] | None, profile: Profile | None) -> Outcome:
    told = story(case.story)
    if told is None:
        raise KeyError(case.story)
    family = profile or profile_for(case.row, case.protocol)
    evidence = family.evidence if family else "none"
    try:
        bench = Bench(case.row, case.protocol, case.model, driver=driver, profile=profile)
        why_not = told.applies(bench)
        if why_not:
            return Outcome(case, "not applicable", evidence, why_not)
        return run(case, told, bench, evidence)
    except NotApplicable as no:
        return Outcome(case, "not applicable", evidence, str(no))
    except Exception as defect:
        return Outcome(case, "fail", evidence, _defect(defect), Record().plain(0.0))


def run(case: Case, told: Story, bench: Bench, evidence: str) -> Outcome:
    """Tell the story; an error that it did not expect is its failure."""
    record = bench.record
    try:
        bench.tell(told.tell)
    except NotApplicable:
        raise
    except HemError as error:
        record.check("no unexpected error", False, "none", f"{type(error).__name__}: {error}")
    except Exception as defect:
        record.check("no defect", False, "none", _defect(defect))
    return Outcome(case, record.verdict, evidence, record.detail, record.plain(bench.start))


def _defect(defect: Exception) -> str:
    """Type, message and the innermost place, without machine paths."""
    frames = traceback.extract_tb(defect.__traceback__)
    place = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    return f"{type(defect).__name__}: {defect} ({place})"

"""What a story leaves behind: checks with expectation and finding, frames, a trace of setpoint and measured power."""

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

Verdict = Literal["pass", "fail", "refused", "planned", "not applicable", "not built"]
FRAMES = 24  # frames kept of a story that held; the report shows them and says how many there were
FAILED_FRAMES = 400  # of one that did not


class NotApplicable(Exception):
    """The story does not ask anything of this device; says why."""


class Failed(Exception):
    """A story cannot go on: what it rests on did not happen."""


class Broken(Exception):
    """A check did not hold, and nobody wants to know more."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    what: str
    expected: str
    found: str
    held: bool


@dataclass
class Record:
    """Everything that one run of one story saw. `impatient`: the first check that does not hold ends the story."""

    impatient: ClassVar[bool] = False

    checks: list[Check] = field(default_factory=list)
    frames: list[tuple[float, str, bytes]] = field(default_factory=list)
    trace: list[tuple[float, float | None, float | None]] = field(default_factory=list)  # s, setpoint, measured
    figures: dict[str, float] = field(default_factory=dict)

    def check(self, what: str, held: bool, expected: Any = "", found: Any = "") -> bool:
        """Note whether something held; returns it."""
        self.checks.append(Check(what, shown(expected), shown(found), bool(held)))
        if self.impatient and not held:
            raise Broken(what)
        return bool(held)

    def close(self, what: str, found: Any, expected: float, tolerance: float, unit: str = "") -> bool:
        """Note whether a number is within `tolerance` of what is expected."""
        held = isinstance(found, int | float) and abs(found - expected) <= tolerance
        tail = f" {unit}" if unit else ""
        return self.check(what, held, f"{expected:.6g} ± {tolerance:.3g}{tail}", found)

    @property
    def verdict(self) -> Verdict:
        """Without a single check nothing was shown, and that is a failure."""
        return "pass" if self.checks and all(each.held for each in self.checks) else "fail"

    @property
    def detail(self) -> str:
        """The first thing that did not hold, or how much did."""
        if not self.checks:
            return "nothing was checked"
        broken = next((each for each in self.checks if not each.held), None)
        if broken is None:
            return f"{len(self.checks)} checks"
        return f"{broken.what}: expected {broken.expected}, found {broken.found}"

    def plain(self, start: float) -> dict[str, Any]:
        """As JSON: times relative to `start`, bytes in hex."""
        kept = FRAMES if self.verdict == "pass" else FAILED_FRAMES
        return {
            "checks": [
                {"what": each.what, "expected": each.expected, "found": each.found, "held": each.held}
                for each in self.checks
            ],
            "frames": [[round(at - start, 4), way, data.hex()] for at, way, data in self.frames[:kept]],
            "frames_seen": len(self.frames),
            "trace": [[round(at - start, 2), _rounded(want), _rounded(found)] for at, want, found in self.trace],
            "figures": {name: round(value, 6) for name, value in sorted(self.figures.items())},
        }


def shown(value: Any) -> str:
    """A value as a person reads it in a report, the same in every run: sets in order, objects without their place."""
    if isinstance(value, float):
        return f"{value:.7g}"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str) or "none"
    text = re.sub(r" object at 0x[0-9a-f]+", "", str(value))
    return text if len(text) <= 200 else text[:197] + "..."


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)

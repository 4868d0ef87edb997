"""What a level changes: the printed firmware of every row held against what the controller's gate does."""

from controller.compatibility.gate import admit
from controller.compatibility.levels import Level
from controller.compatibility.rows import Row
from controller.errors import LevelTooLow
from scenarios.bench.record import Verdict
from scenarios.campaign.cases import Outcome

# The first level that meets each printed requirement, read off the published list by hand: the oracle of the gate.
FIRST = {
    "1.32.0": "1.32.0",
    "2.0.0": "2.0.0",
    ">2.0.0": "2.0.1",
    ">2.0.1": "2.0.2",
    "3.0": "3.0.0",
    "3.0.0": "3.0.0",
    "3.1": "3.1.0",
    "3.1.0": "3.1.0",
}


def needed(row: Row) -> Level:
    """The level that the published list asks for."""
    return Level.parse(FIRST[row.since.printed])


def gated(row: Row, protocol: str, level: Level, outcome: Outcome) -> tuple[Verdict, str]:
    """Verdict and detail of a case at a level: refused below, as it was told at and above."""
    allowed = level >= needed(row)
    try:
        admit(row.row, protocol, level)
    except LevelTooLow as no:
        if allowed:
            return "fail", f"refused although the list supports it from {needed(row)}: {no}"
        if no.needed != str(needed(row)):
            return "fail", f"refused with the wrong level {no.needed}, the list says {needed(row)}"
        return "refused", str(no)
    if not allowed:
        return "fail", f"accepted at {level} although the list asks for {needed(row)}"
    if row.planned and outcome.verdict in ("pass", "fail"):
        return "planned", f"{outcome.verdict}: {outcome.detail}"
    return outcome.verdict, outcome.detail

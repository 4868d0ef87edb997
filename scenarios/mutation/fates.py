"""What became of the mutants: fates, scores, what is to be read on a terminal.

    killed        a story that the healthy pair passes failed
    identical     the same bytes on the wire and the same readings in every scene: there is nothing to notice
    masked        other bytes, but all that is told, found and caused is the same: a fallback hides it
    unexercised   no story looks at the point
    accepted      not killed, and listed by hand with its reason (`accepted`)
    survived      what is told or caused is another, and no story minds: a hole

The score counts the killed among all but the identical ones.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

FATES = ("killed", "identical", "masked", "unexercised", "accepted", "survived")
FLOORS = {"driver": 97.0, "emulator": 90.0}  # % of all but the identical ones, at least
MOST_ACCEPTED = 60


@dataclass(frozen=True)
class Judged:
    """What came of a mutant. `by`: the story that killed it, or why it was accepted."""

    row: int  # the first of `rows`
    protocol: str
    side: str  # driver | emulator
    of: str  # driver class or family file
    rows: tuple[int, ...]
    point: str
    change: str
    fate: str
    by: str = ""


@dataclass(frozen=True)
class Found:
    """All that a run found. `stale`: accepted entries that are none; `red`: stories that a healthy pair fails."""

    judged: Sequence[Judged]
    stale: Sequence[str] = ()
    red: Sequence[str] = ()

    @property
    def failed(self) -> list[str]:
        """Why the run is no good, in lines."""
        lines = [f"STALE {each}" for each in self.stale]
        for side, floor in FLOORS.items():
            counts = counted(self.judged, side)
            if share(counts) < floor:
                lines.append(f"{side}s: {share(counts):.2f} % are fewer than {floor:g} %")
            if counts["survived"]:
                lines.append(f"{side}s: {counts['survived']} survived")
        emulators = counted(self.judged, "emulator")
        if emulators["unexercised"]:
            lines.append(f"emulators: {emulators['unexercised']} unexercised")
        if (accepted := counted(self.judged, "driver")["accepted"]) > MOST_ACCEPTED:
            lines.append(f"drivers: {accepted} accepted are more than {MOST_ACCEPTED}")
        return lines


def plain(found: Found) -> dict[str, Any]:
    """As JSON: the counts of both sides, of each class and family, and each mutant that was not killed."""
    groups = [list(of) for _, of in groupby(found.judged, key=lambda each: (each.side, each.of))]
    killers = Counter(each.by.partition(" ")[0] for each in found.judged if each.fate == "killed")
    return {
        "sides": {side: _scored(found.judged, side) for side in FLOORS},
        "of": [_group(each) for each in groups],
        "killers": dict(killers.most_common()),
        "alive": [asdict(each) for each in found.judged if each.fate != "killed"],
        "stale": list(found.stale),
        "red": list(found.red),
        "failed": found.failed,
    }


def _group(judged: Sequence[Judged]) -> dict[str, Any]:
    one = judged[0]
    about = {"side": one.side, "of": one.of, "rows": list(one.rows), "protocol": one.protocol}
    return about | _scored(judged, one.side)


def _scored(judged: Sequence[Judged], side: str) -> dict[str, Any]:
    counts = counted(judged, side)
    return {"fates": counts, "score": round(share(counts), 2)}


def counted(judged: Sequence[Judged], side: str) -> dict[str, int]:
    """Mutants of one side by fate."""
    found = dict.fromkeys(FATES, 0)
    for each in judged:
        if each.side == side:
            found[each.fate] += 1
    return found


def share(counts: dict[str, int]) -> float:
    """% of all but the identical ones that were killed."""
    rest = sum(counts.values()) - counts["identical"]
    return 100.0 * counts["killed"] / rest if rest else 100.0


def told_of(found: Found) -> Iterator[str]:
    """The scores of both sides, of each class and family, then all that was not killed, by point."""
    judged = found.judged
    for side in ("driver", "emulator"):
        yield f"{side + 's':32} {'':21} {_line(counted(judged, side))}"
    for _, of in groupby(judged, key=lambda each: (each.side, each.of)):
        group = list(of)
        one = group[0]
        yield f"  {one.of:32} rows {_ranges(one.rows):16} {_line(counted(group, one.side))}"
    for fate in ("accepted", "masked", "unexercised", "survived"):
        alive = [each for each in judged if each.fate == fate]
        for _, of_point in groupby(alive, key=lambda each: (each.side, each.of, each.point)):
            same = list(of_point)
            one = same[0]
            yield f"{fate.upper()} {one.side} {one.of} {one.point}: {', '.join(each.change for each in same)}"
    for each in found.red:
        yield f"NOT A JUDGE {each}: the healthy pair fails it"
    yield from found.failed


def _line(counts: dict[str, int]) -> str:
    return f"{share(counts):6.2f} %  " + ", ".join(f"{counts[fate]} {fate}" for fate in FATES)


def _ranges(rows: Sequence[int]) -> str:
    """1-5,7 for 1, 2, 3, 4, 5 and 7."""
    parts: list[str] = []
    for _, run in groupby(enumerate(rows), key=lambda each: each[1] - each[0]):
        numbers = [row for _, row in run]
        parts.append(f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else str(numbers[0]))
    return ",".join(parts)

"""The front page: which row holds at which level, what failed, how long faults took, which mutants lived."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from reports.html import render
from reports.makers import maker
from reports.published import Line, Section, sections
from reports.rowpage import asks
from reports.verdicts import STANDINGS, SYMBOLS, Cell, Entry, Pair
from scenarios.campaign.results import virtual_hours
from scenarios.mutation.fates import FATES

ORDER = tuple(verdict for verdict in SYMBOLS if verdict != "not run")
FAILURES = 200  # shown on the front page; all of them are on the pages of their rows


@dataclass
class Failure:
    """Why a row failed on a protocol, once for all stories, models and levels at which it did so."""

    row: int
    protocol: str
    detail: str
    stories: list[str]
    models: list[str]
    levels: list[str]
    anchor: str  # on the page of the row


@dataclass(frozen=True)
class Recovery:
    """One fault over all devices that can have it: seconds until the device was back under control."""

    id: str
    asks: str
    devices: int
    held: int
    middle: float | None
    slowest: float | None
    slowest_pair: Pair | None


def page(
    data: Mapping[str, Any],
    every: Sequence[Pair],
    lines: Sequence[Line],
    caveat: str,
    date: str,
    planned: Sequence[str],
) -> str:
    """index.html. `planned`: levels that are announced only."""
    shown = [pair for pair in every if pair.entries]
    stories = [story for story in data["stories"] if any(story["id"] in pair.told for pair in shown)]
    faults = [story for story in stories if story["fault"]]
    failed = failures(data["results"])
    return render(
        "index.html",
        data=data,
        sections=[(section, _of(section.name, shown)) for section in _sections(shown)],
        caveat=caveat,
        date=date,
        total=len(shown),
        planned_levels=planned,
        order=ORDER,
        maker=lambda pair: maker(pair.row["row"], pair.row["manufacturer"]),
        maker_of=lambda row: maker(row, next(p.row["manufacturer"] for p in shown if p.row["row"] == row)),
        fault_text=asks,
        told=lambda mine: [pair for pair in mine if pair.told],
        controlled=lambda mine: [pair for pair in mine if any(_real(pair, story["id"]) for story in faults)],
        levels=data["levels"],
        counts=counts(data["levels"], shown),
        stories=[story for story in stories if not story["fault"]],
        faults=faults,
        recovery=recovery,
        recoveries=[recoveries(story, shown) for story in faults],
        failures=failed[:FAILURES],
        failures_more=len(failed) - len(failed[:FAILURES]),
        standings=[(name, sum(line.standing[0] == name for line in lines)) for name in STANDINGS],
        verdicts=[each for each in ORDER if any(cell.verdict == each for p in shown for cell in p.cells.values())],
        choices=_choices(shown),
        figures=figures(data),
        mutants=mutants(data.get("mutants", {})),
    )


def _real(pair: Pair, story: str) -> bool:
    return story in pair.told and pair.told[story].verdict != "not applicable"


def _sections(shown: Sequence[Pair]) -> list[Section]:
    return [each for each in sections(pair.row["section"] for pair in shown) if _of(each.name, shown)]


def _of(section: str, every: Iterable[Pair]) -> list[Pair]:
    return [pair for pair in every if pair.row["section"] == section]


def _choices(shown: Sequence[Pair]) -> dict[str, list[str]]:
    makers = {maker(pair.row["row"], pair.row["manufacturer"]) for pair in shown}
    return {
        "section": [each.name for each in _sections(shown)],
        "maker": sorted(makers - {""}, key=str.casefold),
        "protocol": sorted({pair.protocol for pair in shown}),
        "evidence": sorted({pair.evidence for pair in shown}),
        "standing": [each for each in STANDINGS if any(pair.standing[0] == each for pair in shown)],
    }


def counts(levels: Sequence[str], shown: Sequence[Pair]) -> list[tuple[str, dict[str, int], dict[str, int]]]:
    """Of each level: verdict -> how many rows x protocols, and verdict -> how many results."""
    found = []
    for level in levels:
        whole = dict.fromkeys(ORDER, 0)
        single = dict.fromkeys(ORDER, 0)
        for pair in shown:
            if pair.cells[level].of:
                whole[pair.cells[level].verdict] += 1
            for entry in pair.entries:
                single[entry["verdict"]] += entry["level"] == level
        found.append((level, whole, single))
    return found


def failures(entries: Iterable[Entry]) -> list[Failure]:
    """What failed, grouped by its reason, in the list's order."""
    found: dict[tuple[Any, ...], Failure] = {}
    for entry in entries:
        if entry["verdict"] != "fail":
            continue
        row, protocol, story, model = (entry[name] for name in ("row", "protocol", "scenario", "model"))
        anchor = f"{protocol}-{model}-{story}"
        each = found.setdefault(
            (row, protocol, entry["detail"]), Failure(row, protocol, entry["detail"], [], [], [], anchor)
        )
        for seen, value in ((each.stories, story or "gate"), (each.models, model), (each.levels, entry["level"])):
            if value not in seen:
                seen.append(value)
    return list(found.values())


def recovery(pair: Pair, story: str) -> tuple[Cell, float | None] | None:
    """What a row did under a fault: its verdict and the longest recovery in s; None where it was not told."""
    cell = pair.told.get(story)
    if cell is None:
        return None
    took = [
        case["figures"]["recovery_seconds"]
        for case in pair.cases.values()
        if case["case"]["story"] == story and case.get("figures", {}).get("recovery_seconds", -1.0) >= 0
    ]
    return cell, max(took, default=None)


def recoveries(story: Mapping[str, Any], shown: Iterable[Pair]) -> Recovery:
    """A line of the fault table."""
    told = [(pair, *found) for pair in shown if (found := recovery(pair, story["id"]))]
    real = [(pair, cell, took) for pair, cell, took in told if cell.verdict != "not applicable"]
    times = [(took, pair) for pair, _, took in real if took is not None]
    slowest = max(times, key=lambda each: each[0], default=(None, None))
    return Recovery(
        story["id"], story["asks"], len(real), sum(cell.verdict == "pass" for _, cell, _ in real),
        median(took for took, _ in times) if times else None, *slowest,
    )  # fmt: skip


def figures(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How much was done."""
    cases = data["cases"].values()
    told = [
        ("cases", f"{len(data['cases']):,}"),
        ("checks", f"{sum(len(case.get('checks', ())) for case in cases):,}"),
        ("frames on the wire", f"{sum(case.get('frames_seen', 0) for case in cases):,}"),
        ("virtual hours", f"{virtual_hours(dict(data)):,.0f}"),
    ]
    if "seconds" in data["run"]:
        told.append(("seconds", f"{data['run']['seconds']:.1f}"))
    return [(name, number.replace(",", "\N{NARROW NO-BREAK SPACE}")) for name, number in told]


def mutants(found: Mapping[str, Any]) -> dict[str, Any]:
    """Fates and score of each side; whoever was neither killed nor the same as the healthy one."""
    sides = [
        (side, [told["fates"][fate] for fate in FATES], f"{told['score']:.1f} %")
        for side, told in found.get("sides", {}).items()
        if sum(told["fates"].values())
    ]
    alive = [each for each in found.get("alive", ()) if each["fate"] != "identical"]
    return {"sides": sides, "fates": FATES, "alive": alive}

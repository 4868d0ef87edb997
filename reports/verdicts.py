"""Verdicts gathered: of a row on one protocol at one level, of one story, and of what the rewritten list may claim.

A cell is as bad as its worst result. A row stands in the rewritten list as compatible only where every result is a
pass, a right refusal or not applicable, something passed at its level, and the emulator is not an assumption.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Entry = dict[str, Any]
WORST = ("fail", "not built", "planned", "pass", "refused", "not applicable")
HOLDS = ("pass", "planned")
STANDINGS = ("compatible", "partly", "profile only", "planned", "fail", "not built", "not run")
SYMBOLS = {
    "pass": "✓",
    "fail": "✗",
    "refused": "⊘",
    "planned": "◷",
    "not applicable": "–",
    "not built": "□",
    "not run": "·",
}


def worst(verdicts: Iterable[str]) -> str:
    """The verdict of several together, "not run" for none."""
    found = set(verdicts)
    return next((each for each in WORST if each in found), "not run")


def repeat(row: int, protocol: str, story: str, level: str = "all") -> str:
    """The command that tells a story again of a row on one protocol, of each model that it is told of."""
    found = f"hem comply --rows {row} --protocol {protocol} --scenario {story}"
    return found if level == "all" else f"{found} --firmware {level}"


@dataclass(frozen=True)
class Cell:
    """What several results say together. `detail` is that of the first of the worst."""

    verdict: str
    detail: str
    count: int  # of results with this verdict
    of: int

    @property
    def symbol(self) -> str:
        return SYMBOLS[self.verdict]

    @property
    def number(self) -> str:
        """How many passed, or how many of all failed; nothing for the other verdicts."""
        if self.verdict == "fail":
            return f"{self.count}/{self.of}"
        return str(self.count) if self.verdict == "pass" else ""


def cell(entries: Sequence[Entry]) -> Cell:
    """The cell of these results."""
    verdict = worst(each["verdict"] for each in entries)
    same = [each for each in entries if each["verdict"] == verdict]
    return Cell(verdict, same[0]["detail"] if same else "", len(same), len(entries))


@dataclass
class Pair:
    """A row on one protocol with all its results and cases."""

    row: dict[str, Any]
    protocol: str
    levels: tuple[str, ...]
    stories: tuple[dict[str, Any], ...]
    entries: list[Entry]
    cases: dict[str, dict[str, Any]]

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """Level -> what its results say together."""
        return {level: cell([each for each in self.entries if each["level"] == level]) for level in self.levels}

    @cached_property
    def told(self) -> dict[str, Cell]:
        """Story -> its verdict over all models, levels apart."""
        found: dict[str, list[Entry]] = {}
        for case in self.cases.values():
            found.setdefault(case["case"]["story"], []).append(case)
        return {story: cell(cases) for story, cases in found.items()}

    @property
    def profile(self) -> dict[str, Any]:
        found: dict[str, Any] = self.row["profiles"].get(self.protocol, {})
        return found

    @property
    def evidence(self) -> str:
        return str(self.profile.get("evidence", "none"))

    @property
    def firmware(self) -> str:
        """The device's firmware: as read when it was identified, else as its family file tells it."""
        read = {
            check["found"]
            for case in self.cases.values()
            for check in case.get("checks", ())
            if check["what"].startswith("the firmware is one")
        }
        return ", ".join(sorted(read) or self.profile.get("firmware", ()))

    @property
    def checks(self) -> tuple[int, int]:
        """How many checks held, of how many."""
        every = [check["held"] for case in self.cases.values() for check in case.get("checks", ())]
        return sum(every), len(every)

    @cached_property
    def proven_from(self) -> str:
        """The lowest level run from which on everything holds, empty when there is none."""
        found = ""
        for level in reversed(self.levels):
            if self.cells[level].verdict not in HOLDS:
                break
            found = level
        return found

    @cached_property
    def untold(self) -> list[str]:
        """Stories of its kind and wire that were not told of it, or not of each model; faults are an extra."""
        stories = [each for each in self.stories if not each["fault"] and each["id"] in self._offered]
        told = {(case["case"]["story"], case["case"]["model"]) for case in self.cases.values()}
        asked = {story for story, _ in told}
        missing = [each["id"] for each in stories if each["id"] not in asked]
        every = [each["id"] for each in stories if each["every_model"] and each["id"] in asked]
        models = self.profile.get("models", ())
        return missing + [f"{story} of {model}" for story in every for model in models if (story, model) not in told]

    @property
    def _offered(self) -> Collection[str]:
        """What it is asked; all of the catalogue where the results do not say."""
        found: Collection[str] = self.profile.get("stories", [each["id"] for each in self.stories])
        return found

    @cached_property
    def standing(self) -> tuple[str, str]:
        """What the rewritten list may say of it, and why."""
        seen = [(level, self.cells[level]) for level in self.levels if self.cells[level].of]
        if not seen:
            return "not run", "no result"
        for level, found in seen:
            if found.verdict == "fail":
                bad = next(each for each in self.entries if (each["level"], each["verdict"]) == (level, "fail"))
                return "fail", f"{bad['scenario'] or 'gate'} of {bad['model']} at {level}: {bad['detail']}"
        for _, found in seen:
            if found.verdict == "not built":
                return "not built", found.detail
        if not self.proven_from:
            if all(found.verdict == "refused" for _, found in seen):
                return "not run", f"no level run that supports it, it needs {self.row['first_level']}"
            return "not run", "no story asked anything of it"
        if self.untold:
            return "not run", f"only a part was told, among others not {', '.join(self.untold[:3])}"
        held = self.cells[self.proven_from]
        if held.verdict == "planned" or self.row["planned"]:
            weak = sum(each["verdict"] == "planned" and each["detail"].startswith("fail") for each in self.entries)
            return "planned", f"announced for {self.row['since']}" + (f", {weak} results fail today" if weak else "")
        if self.evidence == "assumed":
            return "profile only", "its emulator is an assumed profile, no document of the maker"
        return "compatible", f"all that was asked holds from {self.proven_from} on"


def pairs(data: dict[str, Any]) -> list[Pair]:
    """Every row and protocol of the list with what the campaign found, in the list's order."""
    levels = tuple(data["levels"])
    stories = tuple(data["stories"])
    found = {
        (row["row"], protocol): Pair(row, protocol, levels, stories, [], {})
        for row in data["rows"]
        for protocol in row["protocols"]
    }
    for entry in data["results"]:
        found[entry["row"], entry["protocol"]].entries.append(entry)
    for name, case in data["cases"].items():
        found[case["case"]["row"], case["case"]["protocol"]].cases[name] = case
    return list(found.values())


def by_row(every: Iterable[Pair]) -> dict[int, list[Pair]]:
    """Row number -> its pairs."""
    found: dict[int, list[Pair]] = {}
    for pair in every:
        found.setdefault(pair.row["row"], []).append(pair)
    return found


def standing(mine: Sequence[Pair]) -> tuple[str, str]:
    """What the rewritten list may say of a row on all its protocols, and why."""
    found = {pair.protocol: pair.standing for pair in mine}
    names = {name for name, _ in found.values()}
    if len(names) == 1:
        return next(iter(found.values()))
    why = "; ".join(f"{protocol}: {name} ({because})" for protocol, (name, because) in found.items())
    if "fail" in names:
        return "fail", why
    if "compatible" in names:
        return "partly", why
    return next(each for each in ("not built", "not run", "profile only", "planned") if each in names), why


def weakest(mine: Sequence[Pair]) -> str:
    """The least that a row's emulators rest on."""
    order = ("assumed", "clients", "capture", "document")
    return next((each for each in order if any(pair.evidence == each for pair in mine)), "none")

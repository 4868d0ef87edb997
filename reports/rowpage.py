"""A page for each row: what it rests on, what was asked and found on each protocol, plots; frames it loads."""

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, groupby
from typing import Any

from markupsafe import Markup

from reports import beside
from reports.html import render
from reports.plot import setpoint_plot
from reports.published import GROUPS, Line
from reports.verdicts import Cell, Pair, cell, repeat, worst
from reports.words import t

ROOM = 1_200_000  # letters of checks of one protocol, that a page stays below 5 MB
BROKEN = 2  # shown of a case even when there is no room
KEY = Markup('<p class="key"><span><i class="wanted"></i>{}</span><span><i class="dot"></i>{}</span></p>')
APART = ("virtual_seconds", "exchanges")  # figures that have a column of their own


@dataclass(frozen=True)
class Told:
    """A case as the page shows it. `frames`: the file that has them, empty when there are none."""

    case: str
    story: str
    model: str
    verdict: str
    detail: str
    checks: list[tuple[Mapping[str, Any], int]]
    checks_more: int
    held: int
    of: int
    seconds: float | None
    exchanges: int
    figures: list[tuple[str, str]]
    plot: Markup
    frames: str
    frames_seen: int
    repeat: str


@dataclass(frozen=True)
class Asked:
    """A story with its cases: one, or one for each model."""

    story: str
    asks: str
    about: Markup
    told: list[Told]

    @property
    def verdict(self) -> str:
        return worst(each.verdict for each in self.told)

    @property
    def detail(self) -> str:
        return next(each.detail for each in self.told if each.verdict == self.verdict)

    @property
    def held(self) -> int:
        return sum(each.held for each in self.told)

    @property
    def of(self) -> int:
        return sum(each.of for each in self.told)

    @property
    def exchanges(self) -> int:
        return sum(each.exchanges for each in self.told)

    @property
    def seconds(self) -> float | None:
        found = [each.seconds for each in self.told if each.seconds is not None]
        return sum(found) if found else None


def neighbours(lines: Sequence[Line]) -> Iterator[tuple[Line, int | None, int | None]]:
    """Each row with the numbers of the one before it and the one after it."""
    numbers = [None, *(line.row["row"] for line in lines), None]
    return zip(lines, numbers, numbers[2:], strict=False)


def page(line: Line, before: int | None, after: int | None, levels: Sequence[str]) -> str:
    """The page of a row between these two."""
    row = line.row
    return render(
        "row.html",
        row=row,
        maker=line.maker,
        short=row["model"] if len(row["model"]) <= 60 else row["model"][:57] + "...",
        standing=line.standing,
        pairs=line.pairs,
        levels=levels,
        columns=list(columns(line)),
        of_model=of_model,
        asked=asked,
        as_on=as_on,
        seconds=seconds,
        following=following,
        key=key,
        before=before,
        after=after,
    )


def columns(line: Line) -> Iterator[tuple[tuple[str, str], str]]:
    """The columns that only charging stations and meters have, where something is printed in them."""
    for group, names in GROUPS.get(line.row["section"], ()):
        for name, (german, english) in names:
            if line.columns[name]:
                yield (f"{group[0]} {german}".strip(), f"{group[1]} {english}".strip()), line.columns[name]


def key() -> Markup:
    """The legend of a plot."""
    return KEY.format(t("asked"), t("measured"))


def of_model(pair: Pair, model: str) -> Cell:
    """What the cases of one model say together, levels apart."""
    return cell([case for case in pair.cases.values() if case["case"]["model"] == model])


def following(pair: Pair) -> tuple[str, Markup] | None:
    """The plot that shows best how a device follows: model and picture."""
    for story in ("follow", "curtail", "release"):
        for case in pair.cases.values():
            if case["case"]["story"] == story and len(case.get("trace", ())) > 1:
                return case["case"]["model"], Markup(setpoint_plot(case["trace"]))
    return None


def asked(pair: Pair, room: int = ROOM) -> Iterator[Asked]:
    """The stories of a protocol in the order of the catalogue, failed ones first, those that do not apply last.

    `room`: letters that there is room for in their checks; those that did not hold come first.
    """
    texts = {story["id"]: story for story in pair.stories}
    by_story: dict[str, list[dict[str, Any]]] = {name: [] for name in texts}
    for case in pair.cases.values():
        by_story.setdefault(case["case"]["story"], []).append(case)
    order = {"fail": 0, "not applicable": 2}
    stories = [(story, found) for story, found in by_story.items() if found]
    for story, found in sorted(stories, key=lambda each: order.get(worst(case["verdict"] for case in each[1]), 1)):
        about = texts.get(story, {"asks": story, "why": "", "oracle": ""})
        told = []
        for case in found:
            one, taken = _told(pair, story, case, room)
            told.append(one)
            room -= taken
        yield Asked(
            story, asks(about["asks"]), _about(asks(about["asks"]), about["why"], about["oracle"]), told,
        )  # fmt: skip


def _told(pair: Pair, story: str, case: Mapping[str, Any], room: int) -> tuple[Told, int]:
    """A case in so much room, and what its checks take of it."""
    found, figures, model = case.get("checks", []), case.get("figures", {}), case["case"]["model"]
    checks, name = list(together(found)), f"{pair.row['row']}/{pair.protocol}/{model}/{story}"
    ends = [0, *accumulate(_letters(check) for check, _ in checks)]
    broken = sum(not check["held"] for check, _ in checks)
    fitting = max(sum(end <= room for end in ends[1:]), min(broken, BROKEN))
    told = Told(
        case=name, story=story, model=model, verdict=case["verdict"], detail=case["detail"], checks=checks[:fitting],
        checks_more=sum(times for _, times in checks[fitting:]),
        held=sum(check["held"] for check in found), of=len(found),
        seconds=figures.get("virtual_seconds"), exchanges=int(figures.get("exchanges", 0)),
        figures=[(name.replace("_", " "), f"{value:g}") for name, value in figures.items() if name not in APART],
        plot=Markup(setpoint_plot(case.get("trace", ()))),
        frames=beside.name(name) if case.get("frames") else "",
        frames_seen=case.get("frames_seen", 0), repeat=repeat(pair.row["row"], pair.protocol, story),
    )  # fmt: skip
    return told, ends[fitting]


def _letters(check: Mapping[str, Any]) -> int:
    """What a check takes of a page."""
    return 130 + sum(len(html.escape(check[name])) for name in ("what", "expected", "found"))


def as_on(pair: Pair, others: Sequence[Pair]) -> str:
    """The protocol before this one whose emulator rests on the same file, empty when none does."""
    for other in others:
        if other.protocol == pair.protocol:
            break
        if pair.profile and other.profile.get("file") == pair.profile["file"]:
            return other.protocol
    return ""


@cache
def _about(question: str, why: str, oracle: str) -> Markup:
    return Markup("<b>{}</b> {}<br>{}: {}").format(t(question), t(why), t("Oracle"), t(oracle))


def seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.0f} s" if value >= 100 else f"{value:.2f} s"


def asks(text: str) -> str:
    """What a story asks; of a fault only which one it is."""
    return text.partition(": ")[2].rstrip("?") if text.startswith("Safe and back under: ") else text


def together(checks: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Checks that repeat word for word once, with their number; failed ones first."""
    for _, same in groupby(sorted(checks, key=lambda check: check["held"])):
        every = list(same)
        yield every[0], len(every)

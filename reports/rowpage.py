"""A page for each row: what it rests on, what was asked and found on each protocol, frames in words, plots."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape

from reports.frames import told
from reports.html import render
from reports.plot import setpoint_plot
from reports.published import GROUPS, Line
from reports.verdicts import Cell, Pair, cell
from reports.words import t

FRAMES = 12  # shown of a case that held
FRAMES_OF_FAILURE = 60
BYTES = 48
KEY = Markup('<p class="key"><span><i class="wanted"></i>{}</span><span><i class="dot"></i>{}</span></p>')
APART = ("virtual_seconds", "exchanges")  # figures that have a column of their own


@dataclass(frozen=True)
class Told:
    """A case as the page shows it."""

    story: str
    asks: str
    about: Markup
    model: str
    verdict: str
    detail: str
    checks: list[tuple[Mapping[str, Any], int]]
    held: int
    of: int
    seconds: str
    exchanges: int
    figures: list[tuple[str, str]]
    plot: Markup
    frames: Markup
    frames_shown: int
    frames_seen: int


def pages(lines: Sequence[Line], levels: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Row number and page of each row."""
    numbers = [line.row["row"] for line in lines]
    for place, line in enumerate(lines):
        row = line.row
        yield (
            row["row"],
            render(
                "row.html",
                row=row,
                maker=line.maker,
                short=row["model"] if len(row["model"]) <= 60 else row["model"][:57] + "...",
                standing=line.standing,
                pairs=line.pairs,
                levels=levels,
                columns=list(columns(line)),
                of_model=of_model,
                cases=cases,
                following=following,
                key=key,
                before=numbers[place - 1] if place else None,
                after=numbers[place + 1] if place + 1 < len(numbers) else None,
            ),
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


def cases(pair: Pair) -> Iterator[Told]:
    """The cases of a protocol in the order of the catalogue, failed ones first."""
    texts = {story["id"]: story for story in pair.stories}
    order = {name: place for place, name in enumerate(texts)}
    every = sorted(
        pair.cases.values(), key=lambda case: (case["verdict"] != "fail", order.get(case["case"]["story"], len(order)))
    )
    for case in every:
        story = case["case"]["story"]
        about = texts.get(story, {"asks": story, "why": "", "oracle": ""})
        checks, figures = case.get("checks", []), case.get("figures", {})
        frames = chosen(case.get("frames", []), FRAMES_OF_FAILURE if case["verdict"] == "fail" else FRAMES)
        yield Told(
            story=story, asks=asks(about["asks"]), about=_about(asks(about["asks"]), about["why"], about["oracle"]),
            model=case["case"]["model"], verdict=case["verdict"], detail=case["detail"],
            checks=list(together(checks)), held=sum(check["held"] for check in checks), of=len(checks),
            seconds=_seconds(figures.get("virtual_seconds")), exchanges=int(figures.get("exchanges", 0)),
            figures=[(name.replace("_", " "), f"{value:g}") for name, value in figures.items() if name not in APART],
            plot=Markup(setpoint_plot(case.get("trace", ()))),
            frames=spelled(pair.protocol, frames), frames_shown=len(frames), frames_seen=case.get("frames_seen", 0),
        )  # fmt: skip


@cache
def _about(question: str, why: str, oracle: str) -> Markup:
    return Markup("<b>{}</b> {}<br>{}: {}").format(t(question), t(why), t("Oracle"), t(oracle))


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.0f} s" if value >= 100 else f"{value:.2f} s"


def asks(text: str) -> str:
    """What a story asks; of a fault only which one it is."""
    return text.partition(": ")[2].rstrip("?") if text.startswith("Safe and back under: ") else text


def together(checks: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Checks that repeat word for word once, with their number; failed ones first."""
    for _, same in groupby(sorted(checks, key=lambda check: check["held"])):
        every = list(same)
        yield every[0], len(every)


def chosen(frames: Sequence[Any], most: int) -> Sequence[Any]:
    """The first frames, and of a long failure the last ones too."""
    if len(frames) <= most:
        return frames
    return frames[:most] if most == FRAMES else [*frames[: most // 2], *frames[-most // 2 :]]


def spelled(protocol: str, frames: Sequence[Any]) -> Markup:
    """Frames as lines of text: time, direction, words, bytes."""
    found = []
    for at, way, words, data in told(protocol, frames):
        tail = " ..." if len(data) > BYTES else ""
        short = words if len(words) <= 240 else words[:237] + "..."
        found.append(f"{at:10.3f} {'→' if way == '>' else '←'} {escape(short)}  <b>{data[:BYTES].hex()}{tail}</b>")
    return Markup("\n".join(found))

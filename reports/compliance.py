"""The files of a compliance report beside results.json, from its data."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from controller.compatibility.levels import LEVELS
from reports import diff, junit, overview, published, rowpage
from reports.files import into, save
from reports.html import render
from reports.pdf import pdf
from reports.published import Line, chapters
from reports.verdicts import STANDINGS, pairs
from reports.words import both

CAVEAT = (
    "Every verdict comes from the real controller against an emulated device, byte for byte, in virtual time. "
    "No real device was asked: a verdict is worth as much as the evidence of its emulator."
)
PROVEN = "Protocol and firmware say what was proven; struck through or in brackets is what was not."


@contextmanager
def rows(data: dict[str, Any], out: Path, jobs: int = 1) -> Iterator[None]:
    """The pages of the rows stand when the block ends; with several jobs others write them meanwhile."""
    lines = published.lines(data, pairs(data))
    wanted = [(*each, data["levels"], out) for each in rowpage.neighbours(lines)]
    if jobs <= 1:
        for each in wanted:
            _row(*each)
        yield
        return
    with ProcessPoolExecutor(jobs - 1) as pool:
        begun = [pool.submit(_row, *each) for each in wanted]
        yield
        for one in begun:
            one.result()


def _row(line: Line, before: int | None, after: int | None, levels: Sequence[str], out: Path) -> None:
    save(rowpage.page(line, before, after, levels), out / "rows" / f"row-{line.row['row']:03}.html")


def tables(data: dict[str, Any], out: Path) -> None:
    """JUnit, the list written again, and its differences."""
    every = pairs(data)
    lines = published.lines(data, every)
    date = published.day(data)
    junit.save(junit.junit(every, data["run"].get("times", {})), out / "junit.xml")
    save(published.as_csv(lines), out / "list.csv")
    save(_list(data, lines, date), out / "list.html")
    for language, name in (("de", "list.pdf"), ("en", "list.en.pdf")):
        head = [both(CAVEAT)[language == "en"], both(PROVEN)[language == "en"], date]
        printed = pdf(lines, filter(None, head), data["run"].get("started"), language)
        into(out / name, partial(_bytes, printed))
    found = diff.diff(lines, diff.published())
    save(json.dumps(found, ensure_ascii=False, indent=1) + "\n", out / "diff.json")
    changed = [row for row in found["rows"] if row["differences"]]
    save(render("diff.html", diff=found, rows=sorted(changed, key=_unexplained_first)), out / "diff.html")


def index(data: dict[str, Any], out: Path) -> Path:
    """The page that leads to all others: it is written last, so that it never shows what is not there."""
    every = pairs(data)
    lines, date = published.lines(data, every), published.day(data)
    save(overview.page(data, every, lines, CAVEAT, date, planned_levels()), out / "index.html")
    return out / "index.html"


def _bytes(data: bytes, path: Path) -> None:
    path.write_bytes(data)


def _unexplained_first(row: dict[str, Any]) -> tuple[bool, int]:
    return all(each["because"] for each in row["differences"]), row["row"]


def planned_levels() -> list[str]:
    """Levels that are announced and not released."""
    return [str(level) for level in LEVELS if level.planned]


def _list(data: dict[str, Any], lines: list[Line], date: str) -> str:
    return render(
        "list.html",
        language="de",
        data=data,
        date=date,
        head=(CAVEAT, PROVEN),
        standings=[(name, sum(line.standing[0] == name for line in lines)) for name in STANDINGS],
        chapters=list(chapters(lines)),
        external=published.EXTERNAL,
        grouped=lambda section: published.GROUPS.get(section, ()),
        headings=published.HEADINGS,
        remark=published.REMARK,
        printed=published.printed,
    )

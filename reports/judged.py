"""Two controllers that were judged as black boxes, story by story: lines for a terminal, and a page."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import reports
from controller.errors import ConfigurationError
from reports import files
from reports.html import render


@dataclass(frozen=True)
class Told:
    """One story of both. A verdict is empty where the story was not told; `asks`: what it asks."""

    story: str
    asks: str
    first: tuple[str, str]  # verdict and detail
    second: tuple[str, str]

    @property
    def differs(self) -> bool:
        return self.first[0] != self.second[0]


def load(path: str) -> dict[str, Any]:
    """results.json of a judged controller, or of its folder; ConfigurationError for anything else."""
    file = Path(path) / "results.json" if Path(path).is_dir() else Path(path)
    try:
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        engine = data["run"]["host"]["engine"]
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", file=str(file), key="compare") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError("a results.json of hem bench judge", file=str(file), key="compare") from error
    if engine != "black box":
        raise ConfigurationError("a results.json of hem bench judge, not of hem comply", file=str(file), key="compare")
    return data


def beside(first: dict[str, Any], second: dict[str, Any]) -> list[Told]:
    """Every story of either, in the order of the first."""
    asks = {each["id"]: each["asks"] for data in (first, second) for each in data["stories"]}
    found = [
        {each["scenario"]: (each["verdict"], each["detail"]) for each in data["results"]} for data in (first, second)
    ]
    nothing = ("", "")
    return [
        Told(story, text, found[0].get(story, nothing), found[1].get(story, nothing)) for story, text in asks.items()
    ]


def name(data: dict[str, Any]) -> str:
    """The controller, with its version where it tells one."""
    about = data["controller"]
    return f"{about['name']} {about['version']}" if about["version"] != "not told" else str(about["name"])


def lines(first: dict[str, Any], second: dict[str, Any]) -> Iterator[str]:
    """The comparison for a terminal; what both do alike is one line."""
    names = name(first), name(second)
    yield f"{names[1]} against {names[0]}:"
    for each in beside(first, second):
        if not each.differs:
            yield f"  {each.story}: both {each.first[0]}"
            continue
        yield f"  {each.story}:"
        for who, (verdict, detail) in zip(names, (each.first, each.second), strict=True):
            yield f"    {who}: {verdict or 'not told'}" + (f": {detail}" if detail else "")


def write(first: dict[str, Any], second: dict[str, Any], out: Path) -> Path:
    """index.html with both controllers side by side."""
    reports.prepare(out)
    page = render("judged.html", names=(name(first), name(second)), stories=beside(first, second))
    files.save(page, out / "index.html")
    return out / "index.html"

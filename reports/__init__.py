"""Renders what a campaign recorded: the compliance report, JUnit, the list written again."""

import json
from pathlib import Path
from typing import Any

from controller.errors import ConfigurationError


def prepare(out: Path) -> None:
    """Make the folder before the work starts; ConfigurationError when that cannot be."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"cannot be made a folder: {error.strerror}", file=str(out), key="out") from error


def write(data: dict[str, Any], out: Path) -> Path:
    """Everything of a campaign into `out`; the path of index.html."""
    part = out / "results.json.part"
    part.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(out / "results.json")
    return out / "index.html"


def load(folder: Path) -> dict[str, Any]:
    """The results.json of a report; ConfigurationError when there is none that can be read."""
    path = folder / "results.json"
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", file=str(path)) from error
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"is no JSON: {error}", file=str(path)) from error
    return data

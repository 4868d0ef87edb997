"""Two levels, or two versions of the controller's code, held against each other."""

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from controller.errors import ConfigurationError

ROOT = Path(__file__).parents[2]
START = "import sys; sys.path[:0] = sys.argv.pop(1).split(':'); import hem; sys.argv[0] = 'hem'; hem.main()"


def added(data: dict[str, Any], before: str, after: str) -> list[str]:
    """What level `after` supports that `before` refuses, a line for each row and protocol."""
    comparable(data["levels"], before, after)
    at = {level: _verdicts(data, level) for level in (before, after)}
    lines = [f"{after} against {before}:"]
    for pair in sorted(at[after].keys() | at[before].keys()):
        old, new = at[before].get(pair, set()), at[after].get(pair, set())
        if old != new:
            lines.append(f"  row {pair[0]} {pair[1]}: {_shown(old)} -> {_shown(new)}")
    return lines if len(lines) > 1 else [f"{after} adds nothing to {before}"]


def comparable(levels: Sequence[str], before: str, after: str) -> None:
    """ConfigurationError when one of the two levels is not among those that are run."""
    for level in (before, after):
        if level not in levels:
            raise ConfigurationError(f"one of the levels that are run, {', '.join(levels)}, not {level}", key="compare")


def _verdicts(data: dict[str, Any], level: str) -> dict[tuple[int, str], set[str]]:
    found: dict[tuple[int, str], set[str]] = {}
    for each in data["results"]:
        if each["level"] == level and each["verdict"] != "not applicable":
            found.setdefault((each["row"], each["protocol"]), set()).add(each["verdict"])
    return found


def _shown(verdicts: set[str]) -> str:
    return "fail" if "fail" in verdicts else " and ".join(sorted(verdicts)) or "nothing"


def against(ours: dict[str, Any], other: Path, arguments: Sequence[str], out: Path) -> tuple[dict[str, Any], list[str]]:
    """The same campaign with the controller of another checkout or wheel: its results, and what it loses to ours.

    The stories, emulators and rigs stay ours; only the package `controller` is the other's.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = unpack(other, Path(folder))
        told = Path(folder) / "told"
        command = [sys.executable, "-c", START, f"{place}:{ROOT}", *_without(arguments), "--out", str(told)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        results = told / "results.json"
        if done.returncode > 1 or not results.exists():
            raise ConfigurationError(
                f"the other controller does not run: {done.stderr.strip()[-300:]}", key="controller"
            )
        theirs: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    lost = regressions(ours, theirs)
    theirs["controller"] = {**theirs["controller"], "compared_with": ours["controller"]["version"]}
    theirs["regressions"] = lost
    return theirs, lost


def regressions(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Cases that passed before and fail after, each named by row, protocol, model and story."""
    return [
        f"row {name}: {case['detail']}"
        for name, case in after["cases"].items()
        if case["verdict"] == "fail" and before["cases"].get(name, {}).get("verdict") == "pass"
    ]


def usable(other: Path) -> None:
    """ConfigurationError when there is no controller in a checkout or wheel."""
    with tempfile.TemporaryDirectory() as folder:
        unpack(other, Path(folder))


def unpack(other: Path, folder: Path) -> Path:
    """A folder that holds only the other's package `controller`."""
    place = folder / "other"
    place.mkdir()
    if other.suffix == ".whl" and zipfile.is_zipfile(other):
        with zipfile.ZipFile(other) as wheel:
            wheel.extractall(place, [name for name in wheel.namelist() if name.startswith("controller/")])
    elif (other / "controller" / "__init__.py").is_file():
        (place / "controller").symlink_to((other / "controller").resolve())
    if not (place / "controller" / "__init__.py").exists():
        raise ConfigurationError("a checkout or a wheel with a package controller", file=str(other), key="controller")
    return place


def _without(arguments: Sequence[str]) -> list[str]:
    """The arguments of this call but for --controller, --out and --baseline."""
    kept: list[str] = []
    drop = False
    for each in arguments:
        if drop:
            drop = False
        elif each in ("--controller", "--out", "--baseline"):
            drop = True
        elif not each.startswith(("--controller=", "--out=", "--baseline=")):
            kept.append(each)
    return kept

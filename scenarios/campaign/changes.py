"""Which rows of the list a change of the code touches, for a quick campaign on a pull request."""

import ast
import subprocess
from collections.abc import Iterable
from pathlib import Path

from controller.compatibility.rows import Row, rows
from controller.drivers.serving import drivers
from controller.errors import ConfigurationError
from emulators.family.profile import profiles

ROOT = Path(__file__).parents[2]


def changed_files(revision: str) -> list[str]:
    """Files that differ from `revision`, those not yet committed among them."""
    if revision.startswith("-"):
        raise ConfigurationError(f"{revision!r} is no revision", key="changed-since")
    told = subprocess.run(
        ["git", "diff", "--name-only", revision, "--"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if told.returncode:
        raise ConfigurationError(f"git knows no revision {revision!r}", key="changed-since")
    return told.stdout.split()


def touched(files: Iterable[str]) -> tuple[Row, ...]:
    """Rows whose driver, table or face changed; all rows when something changed that all rest on."""
    numbers: set[int] = set()
    every = {row.row for row in rows()}
    for file in files:
        place = Path(file).parts
        makers = {each.package for each in profiles()}
        if place[0] == "emulators" and f"emulators.{place[1]}" in makers:
            numbers |= {row for each in profiles() if each.package == f"emulators.{place[1]}" for row in each.serves}
        elif place[:2] == ("controller", "drivers") and file.endswith(".py"):
            found = rows_of_driver(".".join(place).removesuffix(".py"))
            numbers |= found if found is not None else every
        elif place[0] in ("controller", "emulators", "rigs", "scenarios", "twin") and not file.endswith(".md"):
            numbers |= every
    return tuple(row for row in rows() if row.row in numbers)


def rows_of_driver(module: str) -> set[int] | None:
    """Rows of the drivers in a module or resting on it; None when no driver does, so that nobody can say."""
    found: set[int] = set()
    for driver in drivers():
        if module in reach(driver.__module__):
            found |= set(driver.serves)
    return found or None


def reach(module: str, seen: set[str] | None = None) -> set[str]:
    """The driver modules that a module imports, itself and theirs among them."""
    seen = set() if seen is None else seen
    path = ROOT / (module.replace(".", "/") + ".py")
    if module in seen or not path.exists():
        return seen
    seen.add(module)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("controller.drivers"):
            reach(str(node.module), seen)
            for name in node.names:
                reach(f"{node.module}.{name.name}", seen)
    return seen

"""Which rows of the list a change of the code touches, for a quick campaign on a pull request."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from controller.compatibility.rows import Row, rows
from controller.drivers.serving import drivers
from controller.errors import ConfigurationError
from emulators.family.profile import profiles

ROOT = Path(__file__).parents[2]
OBJECT = re.compile(r"([a-z][a-z0-9_.]*):[A-Za-z_]\w*")  # a Python object in a family file: "module:name"


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
    makers = {each.package for each in profiles()}
    for file in files:
        place = Path(file).parts
        if place[0] == "emulators" and (f"emulators.{place[1]}" in makers or place[1] == "faces"):
            found = rows_of_emulator(file) or {
                row for each in profiles() if each.package == f"emulators.{place[1]}" for row in each.serves
            }
            numbers |= found or every
        elif place[:2] == ("controller", "drivers") and file.endswith(".py"):
            numbers |= rows_of_driver(".".join(place).removesuffix(".py")) or every
        elif place[0] in ("controller", "emulators", "rigs", "scenarios", "twin") and not file.endswith(".md"):
            numbers |= every
    return tuple(row for row in rows() if row.row in numbers)


def rows_of_emulator(file: str) -> set[int]:
    """Rows of the families that rest on a table or a module; none when nobody can say whose it is."""
    return {row for each in profiles() if file in family_files(each.file) for row in each.serves}


@cache
def family_files(family: str) -> frozenset[str]:
    """The family file, the tables that it includes, and the modules that it names, with those they import."""
    folder = (ROOT / family).parent
    package = ".".join(folder.relative_to(ROOT).parts)
    tables: set[str] = set()
    modules: set[str] = set()

    def read(table: Path) -> None:
        tables.add(str(table.relative_to(ROOT)))
        look(tomllib.loads(table.read_text(encoding="utf-8")))

    def look(value: Any) -> None:
        if isinstance(value, dict):
            for name in value.get("include", ()):
                read((folder / name).resolve())
            look(list(value.values()))
        elif isinstance(value, list):
            for each in value:
                look(each)
        elif isinstance(value, str) and (named := OBJECT.fullmatch(value)):
            reach(named[1] if named[1].startswith("emulators.") else f"{package}.{named[1]}", modules)

    read(ROOT / family)
    return frozenset(tables | {module.replace(".", "/") + ".py" for module in modules})


def rows_of_driver(module: str) -> set[int]:
    """Rows of the drivers in a module or resting on it; none when no driver does, so that nobody can say."""
    return {row for driver in drivers() if module in reach(driver.__module__) for row in driver.serves}


def reach(module: str, seen: set[str] | None = None) -> set[str]:
    """The modules of the same package (drivers, emulators) that a module imports, itself and theirs among them."""
    seen = set() if seen is None else seen
    if module not in seen and (imported := imports(module)) is not None:
        seen.add(module)
        for each in imported:
            reach(each, seen)
    return seen


@cache
def imports(module: str) -> tuple[str, ...] | None:
    """What a module imports of its own package, names that may be modules among them; None when it is no module."""
    path = ROOT / (module.replace(".", "/") + ".py")
    if not path.exists():
        return None
    package = "controller.drivers" if module.startswith("controller.") else "emulators"
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package):
            found += [str(node.module), *(f"{node.module}.{name.name}" for name in node.names)]
    return tuple(found)

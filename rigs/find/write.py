"""Found devices become a part of the site file: checked as `hem check` does, then written in one go.

What an installer has written stays as it is, letter by letter; devices come behind it. The file of before is kept as
SITE.before.
"""

import json
import os
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from controller.compatibility.rows import row
from controller.errors import ConfigurationError
from controller.explain import explained
from controller.sitefile import FUNCTIONS, check
from rigs.find.found import Found
from rigs.physical import RealClock
from rigs.resolve import unwired

Entry = Mapping[str, Any]


def names(found: Sequence[Found], taken: Collection[str] = ()) -> Iterator[str]:
    """A name for each, by what it is for: pv, meter, meter-2."""
    used = set(taken)
    for each in found:
        stem = FUNCTIONS.get(row(each.row).section, (row(each.row).section,))[0]
        name, number = stem, 1
        while name in used:
            number += 1
            name = f"{stem}-{number}"
        used.add(name)
        yield name


def draft(path: str, entries: Sequence[Entry], firmware: str = "") -> tuple[str, dict[str, Any]]:
    """The file's text with these devices, and the installation it comes to; ConfigurationError when it is none."""
    file = Path(path)
    try:
        before = file.read_text("utf-8") if file.exists() else f'[site]\nfirmware = "{firmware}"\n' if firmware else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot be read: {error}", file=path) from error
    text = (before.rstrip("\n") + "\n" if before.strip() else "") + "".join(_block(each) for each in entries)
    try:
        site = check(tomllib.loads(text), path)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"is no TOML: {error}", file=path) from error
    return text, explained(site, unwired(site, RealClock()))


def write(path: str, entries: Sequence[Entry], firmware: str = "") -> dict[str, Any]:
    """Check and write; the installation it comes to. ConfigurationError when it may not be run or not be written."""
    text, told = draft(path, entries, firmware)
    file, new = Path(path), Path(f"{path}.new")
    try:
        with new.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        if file.exists():
            new.chmod(file.stat().st_mode & 0o777)
            Path(f"{path}.before").write_bytes(file.read_bytes())
        new.replace(file)
    except OSError as error:
        raise ConfigurationError(f"cannot be written: {error.strerror}", file=path) from error
    return told


def _block(entry: Entry) -> str:
    line = entry.get("line")
    told = [f"{key} = {_value(value)}" for key, value in entry.items() if key != "line"]
    more = [f"line = {{ {', '.join(f'{key} = {_value(value)}' for key, value in line.items())} }}"] if line else []
    return "\n[[device]]\n" + "\n".join([*told, *more]) + "\n"


def _value(value: Any) -> str:
    """A text or a number in TOML; what JSON escapes TOML escapes alike."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

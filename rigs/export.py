"""`hem export` and `hem shadow`: what is kept of a site, for other programs and for people, while it is written too."""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import get_args

from controller.errors import ConfigurationError
from controller.service.database import reading
from controller.service.exported import Format, Grain, Read, exported
from controller.service.shadow import TOLD
from controller.sitefile import Site, load
from rigs.serve import server
from rigs.site_files import Files


def export(site: str, out: str, begin: str, end: str, form: str, grain: str, folder: str = "") -> None:
    """Write what is known from `begin` until before `end`: days or instants, in UTC where they do not say otherwise.

    `out`: a new file, or - for stdout. ConfigurationError when something of that cannot be.
    """
    formats: dict[str, Format] = {each: each for each in get_args(Format)}
    grains: dict[str, Grain] = {each: each for each in get_args(Grain)}
    for key, found, known in (("format", form, list(formats)), ("grain", grain, list(grains))):
        if found not in known:
            raise ConfigurationError(f"one of {', '.join(known)}, not {found!r}", key=key)
    checked = load(site)
    pieces = exported(
        kept(checked, Files.beside(site, folder or None)), formats[form], grains[grain],
        instant(begin, "from"), instant(end, "to"),
    )  # fmt: skip
    if out == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    else:
        written(Path(out), pieces)


def differences(site: str, folder: str = "") -> Iterator[tuple[float, str, str]]:
    """What a second controller would have done otherwise: when that was over, of which device, and what."""
    with kept(load(site), Files.beside(site, folder or None))() as reader:
        statement = "SELECT time, device, what FROM event WHERE what LIKE ? ORDER BY number"
        for time, device, what in reader.execute(statement, (TOLD + "%",)):
            yield float(time), str(device), str(what).removeprefix(TOLD)


def kept(site: Site, files: Files) -> Read:
    """What reads a site's history where it is kept."""
    elsewhere = server(site)
    return elsewhere.read if elsewhere else partial(reading, files.history)


def instant(text: str, key: str) -> float:
    """`2025-06-15` or `2025-06-15T12:00+02:00` in s since 1970."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"a day such as 2025-06-15, or an instant, not {text!r}", key=key) from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def written(out: Path, pieces: Iterator[bytes]) -> None:
    """Write a new file piece by piece; nothing is left of one that cannot be finished."""
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            try:
                file.writelines(pieces)
            except BaseException:
                out.unlink()
                raise
    except FileExistsError as error:
        raise ConfigurationError("stands there already", file=str(out)) from error
    except OSError as error:
        raise ConfigurationError(f"cannot be written: {error.strerror}", file=str(out)) from error

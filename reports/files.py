"""Files of a report, each written whole or not at all."""

from collections.abc import Callable
from pathlib import Path


def save(text: str, path: Path) -> None:
    """Write a file of text."""
    into(path, lambda part: part.write_text(text, encoding="utf-8"))


def into(path: Path, fill: Callable[[Path], object]) -> None:
    """Let `fill` write a file beside `path` that then takes its place; a disk that is full keeps nothing of it."""
    part = path.with_name(path.name + ".part")
    try:
        fill(part)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise

"""Pages: templates beside this file, rendered with style and script inline, so that a page opens without a network."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.verdicts import SYMBOLS
from reports.words import both, marked, t

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """The templates, strict about names and escaping everything."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    found.globals |= {"t": t, "marked": marked, "both": both, "symbols": SYMBOLS, "raw": _raw}
    found.filters["slug"] = slug
    return found


def render(template: str, **context: Any) -> str:
    """A whole page."""
    return environment().get_template(template).render(**context)


def slug(text: str) -> str:
    """A word for a class or an anchor."""
    return "".join(each if each.isalnum() else "-" for each in text.lower())


@cache
def _raw(name: str) -> Markup:
    """Style or script as it stands in its file: ours, nothing in it is data."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))

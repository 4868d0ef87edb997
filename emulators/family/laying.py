"""Tables of family files laid over each other: tables merge, lists grow, anything else is replaced."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid over `base`; neither is changed."""
    out = dict(base)
    for key, value in over.items():
        held = out.get(key)
        if isinstance(held, Mapping) and isinstance(value, Mapping):
            out[key] = merged(held, value)
        elif isinstance(held, list) and isinstance(value, list):
            out[key] = [*held, *value]
        else:
            out[key] = value
    return out


def included(data: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """`data` laid over the tables it includes, in its variants too."""
    out: dict[str, Any] = {}
    for name in data.get("include", ()):
        text = (folder / name).read_text(encoding="utf-8")
        out = merged(out, included(tomllib.loads(text), folder))
    out = merged(out, {key: value for key, value in data.items() if key != "include"})
    if "variants" in out:
        out["variants"] = {
            option: {value: included(table, folder) for value, table in values.items()}
            for option, values in out["variants"].items()
        }
    return out

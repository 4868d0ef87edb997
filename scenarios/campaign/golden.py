"""Golden exchanges: bytes of a row that neither its emulator nor its driver made, from `tests/golden` of a checkout.

Emulator and driver may rest on the same document and both misread it; these come from elsewhere. An installed copy has
no tests, and says nothing about them.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "tests" / "golden"


@cache
def exchanges(folder: Path = FOLDER) -> Mapping[tuple[int, str], tuple[Mapping[str, str], ...]] | None:
    """Name and source of each exchange by row and protocol; None where there is no such folder."""
    if not folder.is_dir():
        return None
    found: dict[tuple[int, str], list[Mapping[str, str]]] = {}
    for path in sorted(folder.glob("*.toml")):
        table = tomllib.loads(path.read_text("utf-8"))
        shared = {key: value for key, value in table.items() if key != "exchange"}
        for each in table["exchange"]:
            golden = shared | each
            told = {"name": str(golden["name"]), "source": str(golden["source"])}
            found.setdefault((int(golden["row"]), str(golden["protocol"])), []).append(told)
    return {place: tuple(each) for place, each in found.items()}


def told_of(row: int, protocol: str) -> dict[str, list[Mapping[str, str]]]:
    """`golden` of a profile in results.json: its exchanges, none when there are none, nothing when nobody can know."""
    known = exchanges()
    return {} if known is None else {"golden": list(known.get((row, protocol), ()))}

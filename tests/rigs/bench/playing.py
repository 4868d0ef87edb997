"""A "real" device for the tests of a bench: an emulator in a process of its own, of a firmware that its maker changed.

`python playing.py ROW PROTOCOL HOST CHANGES`: CHANGES is JSON: `model`, `unit`, `pty` (link), `options`, `set`
(quantity: value), `sunspec` ({model: {point: value}}), `rows` ({"input 5030": {index of the row's cell: new one}}). The
first line on stdout says where it is, as `hem emulate` does; the control API is `hem emulate`'s.
"""

import asyncio
import copy
import json
import sys
import time
from dataclasses import replace
from typing import Any

from emulators.family.build import build
from emulators.family.profile import profile_for
from rigs.choose import Place
from rigs.control import set_truth
from rigs.emulate import stand
from rigs.loopback import FIXED


def changed(data: Any, rows: dict[str, dict[str, Any]]) -> Any:
    """A family's data with these cells of its tables replaced, and nothing else."""
    data = copy.deepcopy(data)
    for space, table in data.get("registers", {}).items():
        for row in table:
            for cell, new in rows.get(f"{space} {row[0]}", {}).items():
                row[int(cell)] = new
        table[:] = [row for row in table if row[1] != "gone"]
    return data


def models(data: Any, points: dict[str, dict[str, Any]]) -> Any:
    """A family's data with these points of its SunSpec models replaced."""
    data = copy.deepcopy(data)
    for model in data.get("sunspec", {}).get("models", ()):
        model.update(points.get(str(model["id"]), {}))
    return data


def main(row: int, protocol: str, host: str, changes: dict[str, Any]) -> None:
    family = profile_for(row, protocol)
    assert family is not None
    data = models(changed(family.data, changes.get("rows", {})), changes.get("sunspec", {}))
    played = replace(family, data=data)
    device = build(
        row, protocol, clock=time.time, model=changes.get("model"), unit=changes.get("unit"), profile=played,
        **changes.get("options", {}),
    )  # fmt: skip
    set_truth(device.main, changes.get("set", {}), force=True)
    port = None if protocol in FIXED else 0
    place = Place(device, host, port, changes.get("pty"))
    asyncio.run(stand([place], control="127.0.0.1:0", say=lambda line: print(line, flush=True)))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], json.loads(sys.argv[4]))

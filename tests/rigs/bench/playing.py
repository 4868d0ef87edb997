"""Devices that a bench takes for real: emulators in processes of their own, of firmware that their maker changed.

`python playing.py`: a line of JSON on stdin for each, [row, protocol, host, changes], is answered by one on stdout that
says where it stands, as `hem emulate` does, and its `pid`; the control API is `hem emulate`'s. They are forked from
here, where everything is imported already, and end with a signal. `changes`: `model`, `unit`, `pty` (link), `options`,
`set` (quantity: value), `sunspec` ({model: {point: value}}), `rows` ({"input 5030": {index of the row's cell: new}}).
"""

import asyncio
import copy
import json
import os
import signal
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

PACE = 0.1  # of the delays that the device has, but for one that is busy until its answer is out


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


def play(row: int, protocol: str, host: str, changes: dict[str, Any]) -> None:
    """One device, until a signal comes."""
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
    place = Place(device, host, port, changes.get("pty"), pace=1.0 if protocol == "http" else PACE)
    asyncio.run(stand([place], control="127.0.0.1:0", say=say))


def say(line: str) -> None:
    print(json.dumps({**json.loads(line), "pid": os.getpid()}), flush=True)


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who has ended is gone
    for line in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.stdin.close()
            play(*json.loads(line))
            return


if __name__ == "__main__":
    main()

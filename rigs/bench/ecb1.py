"""What an eCB1 is told over HTTP, and how each is put back: its charge controls tell mode, current and state.

Source: apidoc.ecb1.de, as in evcc-io/evcc:charger/hardybarth-ecb1.go. A stop is told by state 17 where a
current is offered; in eco the same state says that the sun gives too little, at 0 A nothing.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from controller.errors import Garbled, Refused
from rigs.bench.journal import Entry
from rigs.bench.keeper import Keeper, request, told
from rigs.bench.meaning import Sort

CONTROL = "/api/v1/chargecontrols/{}"
COMMAND = re.compile(r"/api/v1/chargecontrols/(\d+)/(mode/manual/ampere|mode|start|stop)$")
WHAT = {"mode/manual/ampere": "ampere", "mode": "mode", "start": "release", "stop": "release"}
STOPPED, LEAST = 17, 6.0  # stateid; A, IEC 61851-1
FORM = "application/x-www-form-urlencoded"


class Ecb1Keeper(Keeper):
    """A word is what is changed and the number of the charge control: `mode 1`."""

    def word(self, data: bytes) -> str:
        method, path, _ = request(data)
        found = COMMAND.match(path) if method == "POST" else None
        return f"{WHAT[found[2]]} {found[1]}" if found else ""

    def sets(self, data: bytes) -> tuple[Sort, float] | None:
        amperes = re.fullmatch(rb"manualmodeamp=(\d+(\.\d+)?)", request(data)[2])
        return ("A", float(amperes[1])) if amperes and self.word(data).startswith("ampere") else None

    async def before(self, line: Any, word: str) -> Sequence[Entry]:
        puts = _puts(await _asked(line, word), word)
        return (Entry(self.place, name=word, asks=f"GET {CONTROL.format(word.split()[1])}", puts=puts),)

    async def now(self, line: Any, entry: Entry) -> str:
        return _puts(await _asked(line, entry.name), entry.name)

    async def put(self, line: Any, entry: Entry) -> None:
        method, path, body = request(entry.puts.encode("latin-1"))
        headers = {"Content-Type": FORM, "Content-Length": str(len(body))}
        answer = await line.request(method, path, body=body, headers=headers)
        if not 200 <= answer.status < 300:
            raise Refused(answer.status, raw=answer.body)


async def _asked(line: Any, word: str) -> Mapping[str, Any]:
    answer = await line.request("GET", CONTROL.format(word.split()[1]))
    try:
        found = json.loads(answer.body)["chargecontrol"]
    except (ValueError, KeyError, TypeError) as error:
        raise Garbled("an eCB1 that does not tell its charge control", raw=answer.body) from error
    return dict(found)


def _puts(control: Mapping[str, Any], word: str) -> str:
    what, number = word.split()
    path = CONTROL.format(number)
    if what == "mode":
        return told("POST", f"{path}/mode", f"mode={control['mode']}".encode()).decode("latin-1")
    if what == "ampere":
        amperes = f"manualmodeamp={control['manualmodeamp']:g}".encode()
        return told("POST", f"{path}/mode/manual/ampere", amperes).decode("latin-1")
    stopped = control["stateid"] == STOPPED and _offers(control)
    return told("POST", f"{path}/{'stop' if stopped else 'start'}", b"").decode("latin-1")


def _offers(control: Mapping[str, Any]) -> bool:
    """Whether there would be a current if it were not stopped."""
    if control["mode"] == "manual":
        return float(control["manualmodeamp"]) >= LEAST
    return str(control["mode"]) != "eco"

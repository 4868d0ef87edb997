"""The search of a running service: one at a time, in a thread of its own, for whoever may install."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from controller.errors import ConfigurationError
from controller.service.exchange import Busy
from controller.sitefile import Site
from rigs.find.found import Found
from rigs.find.search import Search
from rigs.find.where import places
from rigs.find.write import draft, names, write

SECONDS = 600.0  # s of one search at most
Plain = dict[str, Any]


class Finder:
    """Of one site file. What the controller has a line to is left out: a second client would disturb it."""

    def __init__(self, path: str, site: Site) -> None:
        self._path, self._firmware = path, site.site.firmware
        self._taken = [each.name for each in site.device]
        lines = [each.line for each in site.device if each.line]
        self._known = {at for line in lines for at in (line.host, line.device) if at}
        self._found: list[Found] = []
        self._said: list[str] = []
        self._thread: threading.Thread | None = None
        self._begun = 0.0

    def begin(self, where: Sequence[str], network: bool) -> None:
        """ConfigurationError for a place that is none, Busy while one is running."""
        wanted = places(where)
        if self._thread is not None and self._thread.is_alive():
            raise Busy("a search is running already")
        self._found, self._said, self._begun = [], [], time.monotonic()
        search = Search(self._found.append, self._said.append, self._firmware)

        def run() -> None:
            try:
                search.known = {*self._known, *map(_where, self._known)}
                asyncio.run(search.run(wanted, SECONDS, network))
            except Exception as error:  # the boundary: whoever asked is told, the controller goes on
                self._said.append(f"the search has failed: {type(error).__name__}: {error}")

        self._thread = threading.Thread(target=run, name="hem find", daemon=True)
        self._thread.start()

    def told(self) -> Plain:
        """How far it is, and who has been found."""
        found = list(self._found)
        running = self._thread is not None and self._thread.is_alive()
        shown = [
            {"number": number, "name": name, **each.plain()}
            for number, (each, name) in enumerate(zip(found, names(found, self._taken), strict=True))
        ]
        seconds = round(time.monotonic() - self._begun) if running else 0
        return {"running": running, "seconds": seconds, "found": shown, "said": list(self._said)}

    def draft(self, chosen: Sequence[Mapping[str, Any]]) -> Plain:
        """The site file with some of them in it; ConfigurationError when list, level or file are against it."""
        text, told = draft(self._path, self._entries(chosen), self._firmware)
        return {"text": text, "missing": told["missing"]}

    def write(self, chosen: Sequence[Mapping[str, Any]]) -> Plain:
        """The same, written; it counts from the next start."""
        return {"missing": write(self._path, self._entries(chosen), self._firmware)["missing"], "file": self._path}

    def _entries(self, chosen: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        found, entries = list(self._found), []
        for each in chosen:
            number = each["number"]
            if not 0 <= number < len(found):
                raise ConfigurationError(f"one of those that were found, not {number}", key="number")
            entries.append(found[number].entry(each["name"], each.get("row"), each.get("function")))
        return entries


def _where(line: str) -> str:
    """The address of a host's name, the device behind a link; as it is when that is not known."""
    if line.startswith("/"):
        return os.path.realpath(line)
    try:
        return socket.gethostbyname(line)
    except OSError:
        return line

"""HTTP as small devices and services serve it: paths, queries, forms and JSON answers, one request at a time."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from emulators.wires.wire import HttpReply, NoConnection


class NotServed(Exception):
    """An error answer: its status and what is said about it."""

    def __init__(self, status: int, text: str = "", headers: Mapping[str, str] | None = None) -> None:
        self.status, self.text, self.headers = status, text, dict(headers or {})
        super().__init__(f"{status} {text}")

    @property
    def reply(self) -> HttpReply:
        body = json.dumps({"error": self.text or str(self.status)}).encode()
        return HttpReply(self.status, body, headers=self.headers)


def split(path: str) -> tuple[list[str], dict[str, str]]:
    """Segments of a path and its query, both decoded."""
    parts = urlsplit(path)
    segments = [unquote(each) for each in parts.path.split("/") if each]
    return segments, dict(parse_qsl(parts.query, keep_blank_values=True))


def form(body: bytes) -> dict[str, str]:
    """The fields of a form body."""
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by lower-case name."""
    return {name.lower(): value for name, value in headers.items()}


def answer(value: Any, status: int = 200) -> HttpReply:
    """JSON, with everything outside ASCII escaped."""
    return HttpReply(status, json.dumps(value).encode("ascii"))


class OneAtATime:
    """A server that takes one request at a time and locks up when a second one comes meanwhile."""

    def __init__(self, clock: Callable[[], float], busy: float, locked: float) -> None:
        self._clock, self._busy, self._locked = clock, busy, locked
        self._until = self._locked_until = -1e9

    def enter(self) -> None:
        """A request begins; NoConnection while the server is locked up."""
        now = self._clock()
        if now < self._until - 1e-9:
            self._locked_until = now + self._locked
        if now < self._locked_until - 1e-9:
            raise NoConnection("the server is locked up", hang=True)
        self._until = now + self._busy

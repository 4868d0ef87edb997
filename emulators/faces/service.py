"""A web service that publishes prices: how often it may be asked, and what is wrong with it.

What a family file calls `known_switches` can be on from the start (`switches`) or be switched by its operator:

    too-many-requests, too-many-requests-bare, server-error, truncated       of any answer
    tomorrow-late, tomorrow-partial, day-missing, null, duplicate, overlap, unsorted, quarter-hours     of its prices
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

from emulators.faces.prices import HOUR, QUARTER, STEPS, Slot, local_day, midnight, slots
from emulators.wires.device import Device
from emulators.wires.http import NotServed
from emulators.wires.linefaults import gate, spoil_http
from emulators.wires.told import told
from emulators.wires.wire import HttpReply

Serve = Callable[[str, str, Mapping[str, str], bytes], HttpReply]


class Publishing(Protocol):
    """Who keeps the twin's prices up to date, by a time of his own, and has older ones."""

    @property
    def now(self) -> float: ...

    def archive(self, start: float, end: float) -> list[Slot]: ...


class Service:
    """An HttpStation around `serve(method, path, headers, body)`, which may raise NotServed."""

    def __init__(self, facts: Mapping[str, Any], device: Device, publisher: Publishing, serve: Serve) -> None:
        self._facts, self._device, self._publisher, self._serve = facts, device, publisher, serve
        self._asked: list[float] = []
        self.switches: set[str] = set()
        for name in facts["switches"]:
            self.switch_on(name)
        self.operator: dict[str, Callable[..., None]] = {"switch_on": self.switch_on, "switch_off": self.switch_off}

    def switch_on(self, name: str) -> None:
        known = self._facts["known_switches"]
        if name not in known:
            raise ValueError(f"no switch {name!r}, there are {', '.join(known)}")
        self.switches.add(name)

    def switch_off(self, name: str) -> None:
        self.switches.discard(name)

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> HttpReply:
        gate(self._device.faults)
        now = self._device.wake()
        try:
            self._limit(now)
            reply = self._serve(method, path, headers, body)
        except NotServed as no:
            reply = no.reply
        if "truncated" in self.switches:
            reply = replace(reply, body=reply.body[: len(reply.body) * 2 // 3])
        return spoil_http(self._device.faults, replace(reply, delay=float(self._facts["latency"])))

    def _limit(self, now: float) -> None:
        """Refuse more than so many requests a minute."""
        self._asked = [at for at in self._asked if at > now - 60]
        after = {"Retry-After": str(self._facts["retry_after"])}
        if "too-many-requests" in self.switches or len(self._asked) >= int(self._facts["rate_limit"]):
            raise NotServed(429, "too many requests", after)
        if "too-many-requests-bare" in self.switches:
            raise NotServed(429, "too many requests")
        self._asked.append(now)
        if "server-error" in self.switches:
            raise NotServed(500, "internal server error")

    def published(self, start: float = float("-inf"), end: float = float("inf")) -> Sequence[Slot]:
        """The prices that begin from `start` on and before `end`, with what is wrong about them."""
        found = sorted(slots(told(self._device, "prices") or []), key=lambda slot: slot.start)
        if found and start < found[0].start:
            found = [*self._publisher.archive(start, end), *found]
        known = there(found, self.switches, self._publisher.now)
        return spoilt([slot for slot in known if start <= slot.start < end], self.switches)


def there(found: list[Slot], switches: set[str], now: float) -> list[Slot]:
    """What the switches leave of the prices at `now`."""
    today = local_day(now)
    tomorrow = midnight(today + timedelta(days=1))
    if "tomorrow-late" in switches:
        found = [slot for slot in found if slot.start < tomorrow]
    if "tomorrow-partial" in switches:
        found = [slot for slot in found if slot.start < tomorrow + 6 * HOUR]
    if "day-missing" in switches:
        found = [slot for slot in found if not midnight(today) <= slot.start < tomorrow]
    return found


def spoilt(found: list[Slot], switches: set[str]) -> list[Slot]:
    """An answer's prices as the switches have them."""
    if "quarter-hours" in switches:
        half = len(found) // 2
        found = [*found[:half], *(part for slot in found[half:] for part in quarters(slot))]
    if "null" in switches:
        found[2:3] = [replace(slot, price=None) for slot in found[2:3]]
    if "overlap" in switches:
        found[1:2] = [replace(slot, start=slot.start - HOUR / 2) for slot in found[1:2]]
    if "duplicate" in switches:
        found = [*found[:1], *found]
    return found[::-1] if "unsorted" in switches else found


def quarters(slot: Slot) -> list[Slot]:
    """An hour in four parts whose mean it is."""
    if slot.price is None or slot.end - slot.start != HOUR:
        return [slot]
    return [
        Slot(slot.start + i * QUARTER, slot.start + (i + 1) * QUARTER, round(slot.price + step, 3))
        for i, step in enumerate(STEPS)
    ]

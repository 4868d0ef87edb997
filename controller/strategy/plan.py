"""The plan of one installation: its rules in their order, what they remember, and what users have asked for.

Each rule is a module of this package that makes claims out of a view (`claims(view, site, memory)`); what they claim is
resolved (`controller.strategy.claims`) into one setpoint for each aspect of a device.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from types import ModuleType
from typing import Any

from controller.devices import Value
from controller.members import ASPECTS, Setpoint
from controller.ports import Clock
from controller.run import keeping
from controller.run.evidence import Record
from controller.sitefile import DeviceSettings, Site
from controller.store import Store
from controller.strategy import (
    charging,
    export,
    fuses,
    heating,
    lpc,
    marketer,
    pumps,
    regulation,
    ripple,
    section14a,
    unbalance,
)  # fmt: skip
from controller.strategy.claims import Aspect, Bound, Claim, Envelope, Key, Rank
from controller.strategy.limitation import Answer
from controller.strategy.once import settings
from controller.strategy.orders import orders
from controller.strategy.showing import shown
from controller.strategy.signals import Signal
from controller.strategy.view import Seen, View

RULES = (ripple, section14a, lpc, marketer, export, unbalance, charging, heating, pumps, regulation)
"""In any order, but for fuses, which come last: they divide what the others want."""
SIGNALLING = tuple(rule for rule in RULES if hasattr(rule, "signals"))
MOST = 250_000.0  # W that a device of unknown rating can do at most
KEEP = 60.0  # s between two savings of memories that change all the time


@dataclass
class Plan:
    """What a `Hem` asks each cycle. `wishes`: what users have asked for by hand, by device and aspect.

    `hurry`: called when something has been asked from outside that cannot wait for the next cycle. `told`: what the
    last decision has to tell of devices, for whoever keeps the log; `signals`: what the grid operator and the marketer
    ask for now.
    """

    site: Site
    store: Store
    clock: Clock
    wishes: dict[Key, Claim] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    hurry: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self._envelopes: dict[Key, Envelope] = {}
        self._known: tuple[Any, ...] = ()
        time, now = self.clock.now(), self.clock.monotonic()
        self.wishes |= keeping.wished(self.store.load("wishes") or {}, time, now)
        self._memory: dict[ModuleType, Any] = {rule: self._remembered(rule, time, now) for rule in (*RULES, fuses)}
        self._kept: dict[str, Any] = {}
        self._refused: Mapping[str, str] = {}
        self._kept_at = now
        self._record = Record(self.store, time)

    def _remembered(self, rule: ModuleType, time: float, now: float) -> Any:
        kept = self.store.load(f"rule {_name(rule)}") if hasattr(rule, "restored") else None
        return rule.restored(kept, time, now) if kept else rule.Memory()

    def __call__(self, view: View) -> Sequence[Setpoint]:
        claims: list[Claim] = list(self.wishes.values())
        memory = self._memory
        for rule in RULES:
            found, memory[rule] = rule.claims(view, self.site, memory[rule])
            claims += found
        found, memory[fuses] = fuses.claims(view, self.site, memory[fuses], claims)
        claims += found
        self.told += memory[charging].events
        self._complain(memory[marketer].refused)
        self._record.keep(self.signals(), view)
        self._save(view.monotonic)
        return orders(claims, self.envelopes(view), view.monotonic)

    def _complain(self, refused: Mapping[str, str]) -> None:
        """Say of each marketer once why its message is refused."""
        for name, why in refused.items():
            if why and self._refused.get(name) != why:
                self.told.append((name, f"refused: {why}"))
        self._refused = refused

    def signals(self) -> list[Signal]:
        """What is asked of the house from outside now."""
        return [each for rule in SIGNALLING for each in rule.signals(self._memory[rule])]

    def shown(self, view: View, setpoints: Iterable[Setpoint]) -> Mapping[str, Value]:
        """What somebody outside who may look is shown of the house."""
        return shown(view, self.site, self.signals(), setpoints)

    def _save(self, now: float) -> None:
        """Memories that outlive the process, where they have changed; what a restart may lose is a minute old."""
        if now - self._kept_at < KEEP and not self._record.changed:
            return
        self._kept_at, self._record.changed = now, False
        for rule in RULES:
            if hasattr(rule, "kept"):
                kept = rule.kept(self._memory[rule])
                if kept != self._kept.get(_name(rule)):
                    self._kept[_name(rule)] = kept
                    self.store.save(f"rule {_name(rule)}", kept)

    def safe(self, view: View) -> Sequence[Setpoint]:
        """Without rules: generators feed nothing, loads take nothing, batteries are left to themselves."""
        envelopes = self.envelopes(view)
        reason = "a rule is defect: the safe plan"
        claims = [
            Claim(name, aspect, "setpoint", 0.0, Rank.SAFETY, "safe plan", reason)
            for name, aspect in envelopes
            if aspect != "battery"
        ]
        return orders(claims, envelopes, view.monotonic)

    def ask(self, device: str, command: str, value: float | None = None, seconds: float | None = None) -> None:
        """A user's wish by hand, for so many seconds; `release` takes back all that was asked of the device.

        ValueError when it is no number.
        """
        for each in (value, seconds):
            if each is not None and not isfinite(each):
                raise ValueError(f"{command} {each} is no number")
        now = self.clock.monotonic()
        if command == "release":
            self.wishes = {key: claim for key, claim in self.wishes.items() if key[0] != device}
        else:
            claim = wish(device, command, value, None if seconds is None else now + seconds)
            self.wishes = {**self.wishes, (device, claim.aspect): claim}
        self.store.save("wishes", keeping.wishes(self.wishes, self.clock.now(), now))
        self.hurry()

    def guard(
        self, use: lpc.Use, watts: float | None = None, *, active: bool = True, seconds: float | None = None
    ) -> str:
        """The energy guard's heartbeat, or with `watts` (LPC at least 0, LPP at most 0) its limit; why it is refused.

        `seconds`: how long the limit holds, without end when None.
        """
        now, before = self.clock.monotonic(), self._memory[lpc]
        if watts is None:
            self._memory[lpc] = lpc.heartbeat(before, self.site, use, now)
            return ""
        self._memory[lpc], answer = lpc.limit(before, self.site, use, watts, active=active, duration=seconds, now=now)
        self.hurry()
        return self._answered(use, answer)

    def guard_fail_safe(self, use: lpc.Use, *, watts: float | None = None, seconds: float | None = None) -> str:
        """The energy guard's fail-safe limit (W) or duration (s); why it is refused."""
        self._memory[lpc], answer = lpc.fail_safe(
            self._memory[lpc], self.site, use, self.clock.monotonic(), watts=watts, seconds=seconds
        )
        return self._answered(use, answer)

    def _answered(self, use: lpc.Use, answer: Answer) -> str:
        if not answer.accepted:
            self.told.append((use, f"refused: {answer.reason}"))
        return "" if answer.accepted else answer.reason

    def settle(self, site: Site) -> None:
        """The same installation with other settings: they count from the next decision."""
        self.site, self._known = site, ()

    def envelopes(self, view: View) -> Mapping[Key, Envelope]:
        """What each device can do, by what the installer set and by its rating."""
        known = tuple((seen.rating, seen.can) for seen in view)
        if known != self._known:
            self._known = known
            self._envelopes = {
                (seen.name, aspect): envelope(settings(self.site, seen.name), seen, aspect)
                for seen in view
                for aspect in dict.fromkeys(ASPECTS[each] for each in ASPECTS if each in seen.can)
            }
        return self._envelopes


def wish(device: str, command: str, value: float | None, until: float | None) -> Claim:
    """What a user asks of a device as a claim."""
    aspect, wanted = ASPECTS[command], 0.0 if value is None else float(value)
    wanted = -wanted if command == "charge" else wanted
    bound: Bound = "at most" if command == "limit_power" else "setpoint"
    return Claim(device, aspect, bound, wanted, Rank.USER, "user", "asked for by hand", until)


def _name(rule: ModuleType) -> str:
    return rule.__name__.rpartition(".")[2]


def envelope(device: DeviceSettings, seen: Seen, aspect: Aspect) -> Envelope:
    """What a device can do in one aspect. Of unknown rating: as much as any device; its driver clamps."""
    rating = seen.rating or MOST
    match aspect:
        case "feed_in":
            return Envelope(0.0, rating)
        case "battery":
            return Envelope(-(device.battery.charge_power or rating), device.battery.discharge_power or rating)
        case "current":
            return Envelope(0.0, device.charging.maximum_current, device.charging.minimum_current)
        case "load":
            return Envelope(0.0, device.heating.maximum_power or rating)

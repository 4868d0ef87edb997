"""The plan of one installation: its rules in their order, what they remember, and what users have asked for.

Each rule is a module of this package that makes claims out of a view (`claims(view, site, memory)`); what they claim is
resolved (`controller.strategy.claims`) into one setpoint for each aspect of a device.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from controller.members import ASPECTS, Setpoint
from controller.ports import Clock
from controller.sitefile import DeviceSettings, Site
from controller.store import Store
from controller.strategy import (
    charging,
    export,
    fuses,
    heating,
    lpc,
    marketer,
    regulation,
    ripple,
    section14a,
    unbalance,
)  # fmt: skip
from controller.strategy.claims import Aspect, Claim, Envelope, Key, Rank
from controller.strategy.orders import orders
from controller.strategy.view import Seen, View

RULES = (fuses, ripple, section14a, lpc, marketer, export, unbalance, charging, heating, regulation)
MOST = 250_000.0  # W that a device of unknown rating can do at most


@dataclass
class Plan:
    """What a `Hem` asks each cycle. `wishes`: what users have asked for by hand, by device and aspect."""

    site: Site
    store: Store
    clock: Clock
    wishes: dict[Key, Claim] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._settings = {device.name: device for device in self.site.device}
        self._memory: dict[str, Any] = {}
        self._envelopes: dict[Key, Envelope] = {}
        self._known: tuple[Any, ...] = ()

    def __call__(self, view: View) -> Sequence[Setpoint]:
        claims: list[Claim] = list(self.wishes.values())
        for rule in RULES:
            name = rule.__name__
            memory = self._memory.get(name)
            found, self._memory[name] = rule.claims(view, self.site, rule.Memory() if memory is None else memory)
            claims += found
        return orders(claims, self.envelopes(view), view.monotonic)

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

    def ask(self, device: str, command: str, value: float | None, until: float | None = None) -> None:
        """A user's wish by hand, until monotonic `until`; `release` takes back all that was asked of the device."""
        if command == "release":
            self.wishes = {key: claim for key, claim in self.wishes.items() if key[0] != device}
            return
        aspect, wanted = ASPECTS[command], 0.0 if value is None else value
        wanted = -wanted if command == "charge" else wanted
        bound = "at most" if command == "limit_power" else "setpoint"
        reason = "asked for by hand"
        self.wishes[device, aspect] = Claim(device, aspect, bound, wanted, Rank.USER, "user", reason, until)

    def envelopes(self, view: View) -> Mapping[Key, Envelope]:
        """What each device can do, by what the installer set and by its rating."""
        known = tuple((seen.rating, seen.can) for seen in view)
        if known != self._known:
            self._known = known
            self._envelopes = {
                (seen.name, aspect): envelope(self._setting(seen.name), seen, aspect)
                for seen in view
                for aspect in dict.fromkeys(ASPECTS[each] for each in ASPECTS if each in seen.can)
            }
        return self._envelopes

    def _setting(self, name: str) -> DeviceSettings:
        return settings_of(self._settings, name)


def settings_of(settings: Mapping[str, DeviceSettings], name: str) -> DeviceSettings:
    """Those of a device; the second point of a station has the first one's."""
    return settings[name] if name in settings else settings[name.rpartition("-")[0]]


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

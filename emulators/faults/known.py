"""What can be broken about a device or its line: the catalogue F1 to F28, and those switched on now.

A fault is data: its name and its parameters. The wires and faces ask `Faults` at the points where it can act, and note
there that it did.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

CATALOGUE: dict[str, str] = {
    "connect-refused": "F1 the device refuses the connection",
    "connect-hang": "F2 the connection attempt is never answered",
    "reset-mid-reply": "F3 the connection breaks in the middle of a reply",
    "half-open": "F4 the peer has gone and nobody was told",
    "late-reply": "F5 the reply comes after the time-out (seconds)",
    "split-reply": "F6 the reply arrives byte by byte",
    "duplicate-reply": "F7 the reply arrives twice",
    "short-count": "F8 fewer registers than asked for",
    "long-count": "F9 more registers than asked for",
    "odd-bytes": "F10 an odd number of data bytes",
    "wrong-function": "F11 another function code",
    "wrong-transaction": "F12 a foreign transaction id (value, default 0)",
    "wrong-unit": "F13 another unit id",
    "exception": "F14 an exception reply (code)",
    "noise": "F15 garbage instead of a reply",
    "not-available": "F16 the value is the device's not-available pattern (quantity)",
    "frozen": "F17 the value no longer changes (quantity)",
    "sign-flip": "F18 the value has the wrong sign (quantity)",
    "write-ignored": "F19 writes are accepted and have no effect",
    "write-reverted": "F20 a written value is lost again after some seconds (seconds)",
    "enable-lost": "F21 the enable chain is lost",
    "reboot": "F22 the device restarts (seconds)",
    "second-master": "F23 another master writes too (value)",
    "connections-taken": "F24 all connections of the device are in use",
    "busy": "F25 ten times slower (factor)",
    "controller-killed": "F26 the controller is killed without a farewell",
    "controller-stalled": "F27 the controller lives and writes nothing",
    "clock-step": "F28 the clock steps (seconds)",
}
"""F20: each value that is written goes back, `seconds` later, to what it was before anybody wrote it; the device
forgets single values and stays on. F21: at one instant the device forgets all that was written and is not kept in
flash, and stays on. F22: it is dark until the fault is switched off, or for `seconds`, and then starts."""

PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "late-reply": ("seconds",), "wrong-transaction": ("value",), "exception": ("code", "status"),
    "not-available": ("quantity",), "frozen": ("quantity",), "sign-flip": ("quantity",),
    "write-reverted": ("seconds",), "reboot": ("seconds",), "busy": ("factor",),
}  # fmt: skip
LIES = frozenset({"not-available", "frozen", "sign-flip"})


class UnfitFault(Exception):
    """A fault that cannot be switched on as it was asked for; says what can be."""


class UnknownFault(UnfitFault):
    """No such fault; lists those that are."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown fault {name!r}, known are {', '.join(CATALOGUE)}")


@dataclass
class Faults:
    """The faults that are on, by name, with their parameters. Empty on a healthy device.

    `shown`: those that have changed something on the wire or in the device since somebody cleared it.
    """

    active: dict[str, dict[str, Any]] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)

    def on(self, name: str, **parameters: Any) -> None:
        if name not in CATALOGUE:
            raise UnknownFault(name)
        check(name, parameters)
        self.active[name] = parameters

    def off(self, name: str) -> None:
        self.active.pop(name, None)

    def __contains__(self, name: str) -> bool:
        return name in self.active

    def parameter(self, name: str, key: str, default: Any) -> Any:
        return self.active.get(name, {}).get(key, default)

    def acted(self, changed: bool = True) -> None:
        """What is on has made a difference, or has not."""
        if changed:
            self.shown.update(self.active)

    @property
    def lies(self) -> bool:
        """Whether values are falsified (F16 to F18)."""
        return not self.active.keys().isdisjoint(LIES)

    def view(self, quantity: str, value: Any) -> Any:
        """What the device says instead of `value`. A fault without the parameter `quantity` hits all numbers."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return value
        if self.hits("not-available", quantity):
            return None
        if self.hits("frozen", quantity):
            return self.active["frozen"].setdefault("seen", {}).setdefault(quantity, value)
        if self.hits("sign-flip", quantity):
            return -value
        return value

    def hits(self, name: str, quantity: str) -> bool:
        """Whether a lie is on and meant for this quantity."""
        if name not in self.active:
            return False
        wanted = str(self.active[name].get("quantity", quantity))
        return wanted == quantity or (wanted.endswith(".") and quantity.startswith(wanted))  # all of one owner

    def __bool__(self) -> bool:
        return bool(self.active)


def check(name: str, parameters: Mapping[str, Any]) -> None:
    """UnfitFault for a parameter that the fault does not have, or a value that it cannot have."""
    known = PARAMETERS.get(name, ())
    for key, value in parameters.items():
        if key not in known:
            raise UnfitFault(f"{name} has no parameter {key!r}, it has {', '.join(known) or 'none'}")
        if key == "quantity":
            fits, wanted = isinstance(value, str), "the name of a quantity"
        elif key in ("seconds", "factor"):
            fits = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value >= 0
            wanted = "a number from 0 on"
        else:
            most = 0xFF if key == "code" else 0xFFFF
            fits, wanted = isinstance(value, int) and 0 <= value <= most, f"a whole number from 0 to {most}"
        if not fits:
            raise UnfitFault(f"{key} of {name} is {wanted}, not {value!r}")

"""What a driver offers the controller, and the signs, once.

Signs: grid power positive when importing, generation positive, battery power positive when discharging, loads
positive. Units: W, V, A, Hz, degrees C, s; energies are counters in Wh. A quantity that could not be read is None
or absent, never 0. Quantity names are those of the command line: `power`, `soc`, `import_energy`, ...
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, runtime_checkable

Value = float | int | str | bool | list[dict[str, object]] | None
Reading = Mapping[str, Value]

# The unit of a quantity by its name, or by how its name begins or ends.
UNITS = {"soc": "%", "capacity": "Wh", "frequency": "Hz", "reactive_power": "var", "flow": "m³/h", "pressure": "Pa"}
BEGINNINGS = {"power_l": "W", "voltage": "V", "current": "A"}
ENDS = {
    "energy": "Wh", "power": "W", "power_limit": "W", "power_setpoint": "W", "temperature": "°C", "volume": "m³",
    "_flow": "m³/h", "_pressure": "Pa",
}  # fmt: skip

Kind = str
"""A section of the list, such as "pv-inverter"; another one needs nothing here."""


def unit_of(quantity: str) -> str:
    """The unit of a quantity, empty for one that has none."""
    if quantity in UNITS:
        return UNITS[quantity]
    found = next((unit for start, unit in BEGINNINGS.items() if quantity.startswith(start)), "")
    return found or next((unit for end, unit in ENDS.items() if quantity.endswith(end)), "")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answered. `model` is the variant's printed name where the device tells it.

    `notes`: what is new about a device that the protocol proves to be of the row: a number or a text nobody has listed.
    """

    manufacturer: str
    model: str
    serial: str = ""
    firmware: str = ""
    rated_power: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WhenSilent:
    """What the device does by itself `seconds` after the controller has fallen silent.

    keeps: the last command stands for ever. released: full power, or its own regulation. fallback: a value set
    beforehand. stops: no power. A read-only device keeps.
    """

    state: Literal["keeps", "released", "fallback", "stops"] = "keeps"
    seconds: float | None = None
    fallback: float | None = None  # W or A


class Driver(Protocol):
    """One device on one line. Built as `Class(line, clock, unit, row=, model=)`; nothing happens before `identify`.

    `serves`: list rows and their protocols that this class claims, e.g. `{112: ("modbus-rtu",)}`.
    `refresh`: seconds after which a standing command has to be given again, None when the device keeps it.
    `when_silent`: what the device does when the controller falls silent, from its document.
    `reaction`: seconds within which a command shows in the measured power.
    A driver whose device never tells its rating says `tells_rating = False`, one whose device limits only what is fed
    at the meter of the grid connection `limits_at_the_meter = True`.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]]
    kind: ClassVar[Kind]
    refresh: float | None
    when_silent: ClassVar[WhenSilent]
    reaction: ClassVar[float]

    def lost(self) -> None:
        """The line was lost or the device restarted: enable chains have to be gone through again."""
        ...

    async def identify(self) -> Identity:
        """Identity of the device; `WrongDevice` when it is not in the row."""
        ...

    async def read(self) -> Reading:
        """All quantities that the device offers, in contract names and signs."""
        ...


@runtime_checkable
class PowerLimit(Protocol):
    """A generator whose active power can be limited."""

    async def limit_power(self, watts: float) -> None:
        """Feed at most `watts`, until `release`."""
        ...

    async def release(self) -> None: ...


@runtime_checkable
class BatterySetpoint(Protocol):
    """A battery that can be told to charge or discharge."""

    async def charge(self, watts: float) -> None: ...

    async def discharge(self, watts: float) -> None: ...

    async def release(self) -> None:
        """Back to the device's own regulation."""
        ...


@runtime_checkable
class CurrentLimit(Protocol):
    """A charging point."""

    async def limit_current(self, amperes: float) -> None:
        """At most `amperes` per phase; below the station's minimum it pauses."""
        ...

    async def pause(self) -> None: ...

    async def release(self) -> None: ...


@runtime_checkable
class PowerSetpoint(Protocol):
    """A load or generator that follows a power in W (heating rod, CHP, fuel cell, electrolyser)."""

    async def set_power(self, watts: float) -> None: ...

    async def release(self) -> None: ...

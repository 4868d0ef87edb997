"""A rehearsal: the same bytes are given to an emulator of the device first; what they would make it do is looked at.

A percentage, a mode, an enabling bit, a command of a maker's own protocol: what they bring about stands in no register.
The emulator starts as its maker delivers it and is told what the real device held before each of its registers was
written, see `Rehearsal.held`.
"""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emulators.family.build import Installation
from emulators.table.answers import Refusal
from emulators.table.registers import Space
from emulators.table.rows import Row
from emulators.wires.modbus import Unit
from emulators.wires.wire import Endpoint
from rigs.bench.benchfile import PlaceSettings
from rigs.bench.keeper import request
from rigs.choose import built

EFFECTS = ("battery_setpoint", "max_charge", "max_discharge", "power_limit", "power_setpoint", "current_limit")
PAUSE = 3.0  # s after which any box takes another command
COILS, HOLDING = "coils", "holding"


@dataclass(frozen=True, slots=True)
class Written:
    """What an emulator said of a write: register or command, and its wear class."""

    target: int | str
    wear: str


class Rehearsal:
    """The emulator of one place's device, as its family file has it."""

    def __init__(self, place: PlaceSettings) -> None:
        self._ahead = 0.0  # s by which its clock is ahead: it takes every command, however soon
        self.installation: Installation = built(
            place.row, place.protocol, lambda: time.time() + self._ahead, place.options, model=place.model,
            unit=place.unit,
        )  # fmt: skip
        wire = self.installation.wire
        self._session = wire.open() if isinstance(wire, Endpoint) else None
        self.station = getattr(self._session, "_station", None)
        self.units: dict[int, Unit] = getattr(self.station, "units", {})
        self.any_unit = bool(getattr(self.station, "any_unit", False))
        for unit in self.units.values():
            unit.write_gap = 0.0
        for twin in self._twins:
            if "soc" in twin.quantities:
                twin.set("soc", 50.0)

    @property
    def rated_power(self) -> float:
        """W of the model, from the family file."""
        return float(getattr(self.installation.main.twin, "rated_power", 0.0) or 0.0)

    @property
    def _twins(self) -> list[Any]:
        found = {id(each.twin): each.twin for each in self.installation.devices}
        for device in self.installation.devices:
            found |= {id(each): each for each in device.beside.values()}
            for part in getattr(device.face, "parts", ()):
                battery = getattr(part, "battery", None)
                found |= {id(battery): battery} if battery is not None else {}
        return list(found.values())

    def unit(self, number: int) -> Unit | None:
        """What answers at a unit id."""
        found = self.units.get(number)
        return next(iter(self.units.values())) if found is None and self.any_unit else found

    def space(self, number: int, *, coils: bool = False) -> Space | None:
        """Where a write to this unit goes."""
        unit = self.unit(number)
        if unit is None:
            return None
        return unit.spaces.get(COILS) if coils else unit.spaces.get("written") or unit.spaces.get(HOLDING)

    def row_at(self, number: int, address: int, *, coils: bool = False) -> Row | None:
        """The row of the table that a register belongs to."""
        space = self.space(number, coils=coils)
        rows = space.rows if space is not None else ()
        return next((row for row in rows if 0 <= address - row.address < row.words and row.allows("w")), None)

    def held(self, number: int, address: int, data: bytes, *, coils: bool = False) -> None:
        """What the real device held at these registers: from now on the emulator's own."""
        space = self.space(number, coils=coils)
        if space is None:
            return
        at = 0
        while at < len(data) // 2:
            row = self.row_at(number, address + at, coils=coils)
            size = row.words if row is not None and row.address == address + at else 1
            if row is not None and row.address == address + at and len(data) >= 2 * (at + size):
                with contextlib.suppress(Refusal, ValueError):  # what it would not be told: it stays as delivered
                    for each, _, value in space.values(row.address, data[2 * at : 2 * (at + size)]):
                        space.assign(each, value)
            at += size
        self.installation.main.twin.changed()

    def tried(self, data: bytes) -> tuple[dict[str, float], list[Written]]:
        """What the bytes of a request make the emulator do that it did not do before, and what they wrote.

        By quantity the worst of all twins, in the signs of the house. Of a maker's own protocol `data` is a command as
        its keeper has it.
        """
        for device in self.installation.devices:
            device.wake()
        before, logged = self._effects(), [len(each.writes) for each in self.installation.devices]
        self._give(data)
        after = self._effects()
        changed: dict[str, float] = {}
        for (twin, quantity), value in after.items():
            if value != before.get((twin, quantity)) and value is not None:
                changed[quantity] = max(changed.get(quantity, value), value, key=abs)
        written = [
            Written(write.target, write.wear)
            for device, count in zip(self.installation.devices, logged, strict=True)
            for write in device.writes[count:]
        ]
        return changed, written

    @property
    def request(self) -> str:
        """What a heat pump's contacts ask it for, empty where there are none."""
        return str(getattr(self.installation.main.twin, "request", ""))

    def _give(self, data: bytes) -> None:
        wire: Any = self.installation.wire
        if self._session is not None and self.units:
            self._session.feed(data)
            return
        self._wait()
        if self._session is not None:
            self._session.feed(data)
        elif hasattr(wire, "datagram"):
            wire.datagram(data)
        elif hasattr(wire, "handle"):
            method, path, body = request(data)
            wire.handle(method, path, {"Content-Length": str(len(body))}, body)
        self._wait()

    def _wait(self) -> None:
        """Long enough for any box to take the next command, and to do what it was told."""
        self._ahead += PAUSE
        self.installation.main.wake()

    def _effects(self) -> dict[tuple[int, str], float | None]:
        return {
            (number, quantity): getattr(twin, quantity)
            for number, twin in enumerate(self._twins)
            for quantity in EFFECTS
            if hasattr(twin, quantity)
        }


def names(rows: Sequence[Row]) -> str:
    """Rows as their maker calls them."""
    return ", ".join(f'"{row.name}"' for row in rows)

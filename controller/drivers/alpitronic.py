"""Drives alpitronic hypercharger DC stations, a block of registers for each connector.

A limit of 0 W is destructive: the connector becomes unavailable and a running session is aborted. What pauses is a
limit of 1547 W, and nothing below it is ever written. The station falls to its own setting when no new limit has been
written for its GridFallbackTimeout, 5 s at one site (evcc issue 26043), so the limit is given again every 2 s and a
connector is read in one request. What it falls to is not published; that it stops is ASSUMED. The highest DC power that
it tells contains the limit that was written: it is no upper bound. From firmware 3.1.0 on the current is told in A and
the energy of a session in 0.1 kWh. The maker of EVTAP is not known: that station is ASSUMED to have the same map, and
so is the DC side of BENNING's Belatron.
"""

import re
from collections.abc import Mapping
from typing import ClassVar

from controller.compatibility.variants import variants_by_row
from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Point
from controller.drivers.shared.iec61851 import MINIMUM, PLUGGED, THREE_PHASES
from controller.drivers.shared.values import number
from controller.errors import WrongDevice
from controller.ports import Clock, ModbusLine

INHIBIT = 1547.0  # W, the limit that pauses
TIMEOUT = 5.0  # s
SMALLEST = 50_000.0  # W, HYC50
ROWS = (85, 86, 87, 88, 89, 95)
BELATRON, BELATRON_FULL = 74, 480_000.0  # W: what the list prints for its DC side
MAKERS = {BELATRON: "BENNING", 95: "EVTAP"}
VEHICLE = {0: "A", 1: "A", 2: "B", 3: "C", 4: "B", 5: "B", 6: "B", 7: "A", 10: "E"}  # 8, 9, 11: unavailable
CHARGING, FAULTED = 3, 10


class AlpitronicHyc(ModbusDevice):
    """One connector of an HYC50, 150, 200, 300 or 400, and of an EVTAP-180K by assumption.

    Nothing but a serial number with a name in it tells them apart.

    Source: evcc-io/evcc:charger/alpitronic.go and OpenEMS io.openems.edge.evse.chargepoint.alpitronic.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = dict.fromkeys(ROWS, ("modbus-tcp",))
    kind: ClassVar[Kind] = "charging-station"
    charge_points: ClassVar[Mapping[int, int]] = dict.fromkeys((*ROWS, BELATRON), 2)
    stride = 100
    function: ClassVar[int] = 4
    max_gap: ClassVar[int] = 20  # the block of a connector has no holes
    refresh: float | None = 2.0
    when_silent: ClassVar[WhenSilent] = WhenSilent("stops", TIMEOUT)
    reaction: ClassVar[float] = 10.0

    state = Measure(100, "u16", each=True)
    dc_voltage = Measure(101, "u32", 0.01, "V", each=True)
    dc_current = Measure(103, "u16", 0.01, "A", each=True)
    power = Measure(104, "u32", unit="W", each=True)
    session_energy = Measure(107, "u16", 10, "Wh", each=True)
    vehicle_soc = Measure(108, "u16", 0.01, "%", each=True)
    rfid = Measure(122, "str10", each=True)
    energy = Measure(132, "s64", unit="Wh", each=True)
    limit = Measure(100, "u32", unit="W", function=3, each=True)

    connectors = Point(2, "u16")
    serial = Point(6, "str12")
    version = Point(46, "u16")
    version_minor = Point(47, "u16")
    version_patch = Point(48, "u16")

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None,
        point: int = 1,
    ) -> None:  # fmt: skip
        super().__init__(line, clock, unit, row=row, model=model, point=point)
        variant = variants_by_row()[row][0] if row else None
        self._name = variant.name if variant else "HYC50"
        self._full = (variant.rated_power if variant else None) or (BELATRON_FULL if row == BELATRON else SMALLEST)
        self._coarse = False  # firmware 3.1.0 and later

    async def identify(self) -> Identity:
        own = type(self)
        known = (own.connectors, own.serial, own.version, own.version_minor, own.version_patch)
        await self.expect((*known, own.state), self._name, f"connector {self.point}")
        told = await self.fetch(known)
        count = told["connectors"]
        if not isinstance(count, int) or not self.point <= count <= 4:
            raise WrongDevice(f"a station with {count} connectors", [self._name])
        named = re.match(r"HYC\d+|EVTAP", str(told["serial"]))
        if named and not self._name.startswith(named[0]):
            raise WrongDevice(str(told["serial"]), [self._name])
        parts = [int(number(told[name]) or 0) for name in ("version", "version_minor", "version_patch")]
        self._coarse = parts >= [3, 1, 0]
        return Identity(
            MAKERS.get(self.row, "alpitronic"), self._name, str(told["serial"]), ".".join(map(str, parts)), self._full
        )

    async def read(self) -> Reading:
        seen = await self.sample()
        state, limit = seen.pop("state"), number(seen.pop("limit"))
        if self._coarse:
            seen |= {name: times(seen[name], factor) for name, factor in (("dc_current", 100), ("session_energy", 10))}
        volts, amperes = number(seen["dc_voltage"]), number(seen["dc_current"])
        if seen["power"] == 0 and volts and amperes:  # firmware before 1.7.2 has no power
            seen["power"] = volts * amperes
        vehicle = VEHICLE.get(state) if isinstance(state, int) else None
        return seen | {
            "rfid": str(seen["rfid"] or "").lower(),
            "vehicle": vehicle,
            "plugged": PLUGGED.get(vehicle or ""),
            "status": "fault" if state == FAULTED else "running" if state == CHARGING else "standby",
            "current_limit": None if limit is None else limit / THREE_PHASES,
            "enabled": None if limit is None else limit > INHIBIT,
        }

    async def limit_charging(self, watts: float) -> None:
        """At most `watts` of this connector; to be repeated every 2 s."""
        await self.limit.write(min(watts, self._full) if watts > INHIBIT else INHIBIT)

    async def limit_current(self, amperes: float) -> None:
        """At most 690 W for each ampere: three phases of 230 V on the AC side. Below 6 A it pauses."""
        await self.limit_charging(amperes * THREE_PHASES if amperes >= MINIMUM else 0.0)

    async def pause(self) -> None:
        await self.limit_charging(0.0)

    async def release(self) -> None:
        """As much as the station can."""
        await self.limit_charging(self._full)


def times(value: Value, factor: float) -> float | None:
    """A number times a factor, None for none."""
    known = number(value)
    return None if known is None else known * factor

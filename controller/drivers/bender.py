"""Drives charging stations with Bender's CC612 and CC613 charge controllers.

MENNEKES calls the controller ECU and has published its registers; the stations of other makers are ASSUMED to have the
same board and map. Each AC charge point has a controller of its own, at the next TCP port. One that hears nothing from
its Modbus master for COMM_TIMEOUT falls to SAFE_CURRENT. Both are set once, where they differ, and put back by
`release`; what counts as a sign of life is not printed, so the current itself is given again.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.alpitronic import AlpitronicHyc
from controller.drivers.modbus.points import Measure, ModbusDevice, Point, Setting
from controller.drivers.shared.iec61851 import PLUGGED, allowed, offers, smallest
from controller.drivers.shared.values import number, total_of, worded
from controller.errors import WrongDevice
from controller.ports import Clock, ModbusLine

SAFE_CURRENT = 6.0  # A
SAFE_TIMEOUT = 60.0  # s, ASSUMED unit: none is printed

NAMES = {
    72: ("MENNEKES", "Amtron Professional(+) PnC"),
    73: ("MENNEKES", "Amtron Charge Control"),
    74: ("BENNING", "Belatron Modular T2"),
    77: ("WALTHER-WERKE", "ECOLECTRA"),
    79: ("WALTHER-WERKE", "smartEvo"),
    93: ("EVTAP", "EVTAP-11k"),
    94: ("EVTAP", "EVTAP-22k"),
}
MAXIMUM = {72: 32.0, 73: 16.0, 74: 32.0, 77: 32.0, 79: 16.0, 93: 16.0, 94: 32.0}  # A: 11 or 22 kW
DC_ROW = 74
VEHICLE = {1: "A", 2: "B", 3: "C", 4: "D", 5: "E"}  # register 122
STATUS = {4: "fault", 6: "running"}  # register 104: OCPP's charge point status
ENERGIES = ("energy_l1", "energy_l2", "energy_l3")
POWERS = ("power_l1", "power_l2", "power_l3")


class BenderCc(ModbusDevice):
    """One charge point behind a CC612 or CC613, with the controller's register set "Ebee/Bender/MENNEKES".

    Source: MENNEKES, ECU-BRx and ECU-BBx Modbus TCP server specification 1.07, 10 June 2022. Rows 74, 77, 79, 93 and
    94 are ASSUMED to speak it. Software before 5.22 has no totals, voltages or model. A Belatron's first charge point
    is AC; the further ones are DC and ASSUMED to be connectors of an alpitronic station at the next port.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = dict.fromkeys(NAMES, ("modbus-tcp",))
    kind: ClassVar[Kind] = "charging-station"
    charge_points: ClassVar[Mapping[int, int]] = {74: 3, 77: 2}
    ports: ClassVar[Mapping[int, tuple[int, ...]]] = {74: (0, 1, 1), 77: (0, 1)}
    absent: ClassVar[Mapping[str, tuple[int, ...]]] = {"u32": (0xFFFFFFFF,)}
    refresh: float | None = SAFE_TIMEOUT / 3
    when_silent: ClassVar[WhenSilent] = WhenSilent("fallback", SAFE_TIMEOUT, SAFE_CURRENT)
    reaction: ClassVar[float] = 10.0

    charging = Measure(104, "u16")
    pilot = Measure(122, "u16")
    energy_l1 = Measure(200, "u32", unit="Wh")
    energy_l2 = Measure(202, "u32", unit="Wh")
    energy_l3 = Measure(204, "u32", unit="Wh")
    power_l1 = Measure(206, "u32", unit="W")
    power_l2 = Measure(208, "u32", unit="W")
    power_l3 = Measure(210, "u32", unit="W")
    current_l1 = Measure(212, "u32", 0.001, "A")
    current_l2 = Measure(214, "u32", 0.001, "A")
    current_l3 = Measure(216, "u32", 0.001, "A")
    energy = Measure(218, "u32", unit="Wh")
    power = Measure(220, "u32", unit="W")
    voltage_l1 = Measure(222, "u32", unit="V", absent=(0,))
    voltage_l2 = Measure(224, "u32", unit="V", absent=(0,))
    voltage_l3 = Measure(226, "u32", unit="V", absent=(0,))
    session_energy_short = Measure(705, "u16", unit="Wh", absent=(0xFFFF,))  # stays at its highest value
    session_energy = Measure(716, "u32", unit="Wh")
    rfid = Measure(720, "str10")
    signalled_current = Measure(706, "u16", unit="A", absent=(0,))  # 0 without a vehicle
    current_limit = Measure(1000, "u16", unit="A")

    firmware = Point(100, "str2")  # four characters of it
    software = Point(153, "u16", optional=True)  # these three: OpenEMS, not in the document
    software_minor = Point(154, "u16", optional=True)
    software_patch = Point(155, "u16", optional=True)
    product = Point(142, "str10", optional=True)
    operator_limit = Point(134, "u16", unit="A", optional=True)

    safe_current = Setting(131, "u16", unit="A", optional=True)
    safe_timeout = Setting(132, "u16", unit="s", optional=True)

    def __new__(cls, line: ModbusLine, clock: Clock, unit: int | None = None, **options: Any) -> Any:
        """A charge point of its own make: of a Belatron, what is not the first is another driver's."""
        if options.get("row") == DC_ROW and options.get("point", 1) > 1:
            return AlpitronicHyc(line, clock, unit, **(options | {"point": options["point"] - 1}))
        return super().__new__(cls)

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None,
        point: int = 1,
    ) -> None:  # fmt: skip
        super().__init__(line, clock, unit, row=row, model=model, point=point)
        self._most = MAXIMUM.get(row, SAFE_CURRENT)
        self._legacy = False  # software before 5.22
        self._before = (SAFE_CURRENT, 0.0)  # safe current and time-out that were found; 0 is ASSUMED to mean never

    async def identify(self) -> Identity:
        own, (maker, name) = type(self), NAMES[self.row or 72]
        await self.expect((own.firmware, own.pilot), name, "firmware and vehicle state")
        told = await self.fetch((own.firmware, own.product, own.pilot, *own.version()))
        firmware, product = str(told["firmware"]), str(told["product"] or "")
        version = re.match(r"(\d)\.(\d\d?)", firmware)
        if version is None or told["pilot"] not in VEHICLE:
            raise WrongDevice(f"firmware {firmware!r}, vehicle state {told['pilot']}", [name])
        if not fits(self.row, product):
            raise WrongDevice(product, [name])
        self._legacy = (int(version[1]), int(version[2])) < (5, 22)
        parts = [told[point.name] for point in own.version()]
        return Identity(maker, name, firmware=".".join(map(str, parts)) if parts[0] else firmware)

    @classmethod
    def version(cls) -> tuple[Point, ...]:
        return cls.software, cls.software_minor, cls.software_patch

    async def read(self) -> Reading:
        seen = await self.sample()
        by_phase = {name: seen.pop(name) for name in ENERGIES}
        short = seen.pop("session_energy_short")
        if not seen["energy"]:  # unknown to software before 5.22, which may also say 0 there
            seen["energy"] = total_of("energy", by_phase, ENERGIES, self.doubts)
        if not seen["power"]:
            seen["power"] = total_of("power", seen, POWERS, self.doubts)
        if seen["power_l2"] is None and seen["power_l3"] is None:
            seen["power_l1"] = None  # the total, of a meter that knows no phases
        if self._legacy:
            seen["session_energy"] = short
        vehicle, charging = worded(VEHICLE, seen.pop("pilot")), seen.pop("charging")
        told, signalled = seen["current_limit"], seen.pop("signalled_current")
        return seen | {
            "current_limit": told if signalled is None else signalled,
            "vehicle": vehicle,
            "plugged": PLUGGED.get(vehicle or ""),
            "status": "fault" if vehicle == "E" else worded(STATUS, charging, "standby"),
            "enabled": offers(told),
        }

    async def limit_current(self, amperes: float) -> None:
        await self._arm()
        await self.current_limit.write(allowed(amperes, self._most))

    async def pause(self) -> None:
        await self.limit_current(0)

    async def release(self) -> None:
        """As much as the station may give, and the failsafe that it had before."""
        await self._look()
        await self.current_limit.write(self._most)
        if await self._failsafe() == (SAFE_CURRENT, SAFE_TIMEOUT):
            await self.safe_timeout.write(self._before[1])
            await self.safe_current.write(self._before[0])
        self.armed = False

    async def _arm(self) -> None:
        """The failsafe: its current before its time-out."""
        if self.armed:
            return
        await self._look()
        found = await self._failsafe()
        if found is not None and found != (SAFE_CURRENT, SAFE_TIMEOUT):
            self._before = found
            await self.safe_current.write(SAFE_CURRENT)
            await self.safe_timeout.write(SAFE_TIMEOUT)
        self.armed = True

    async def _failsafe(self) -> tuple[float, float] | None:
        """Safe current and time-out, None where the software has none."""
        own = type(self)
        known = await self.fetch((own.safe_current, own.safe_timeout))
        current, timeout = number(known["safe_current"]), number(known["safe_timeout"])
        return None if current is None or timeout is None else (current, timeout)

    async def _look(self) -> None:
        """What the operator has set bounds the current."""
        limit = await self.operator_limit.read()
        self._most = smallest((limit,), MAXIMUM.get(self.row, SAFE_CURRENT))


def fits(row: int, product: str) -> bool:
    """Whether a product text can be the row's station. Bender's type code of the board stands in it, CC612_1M4PR.

    AMTRON Charge Control has its mark behind it, and Plug and Charge needs a board with powerline communication: P.
    The boards of other makers cannot be told from each other.
    """
    if not product or not row:
        return True  # software before 5.22 does not tell
    if product.startswith("ICC1622"):  # AMEDIO
        return False
    kind = "Charge Control" if "_CC" in product else "PnC" if re.match(r"CC61\d.\d[MS]\d?P", product) else ""
    return kind == {72: "PnC", 73: "Charge Control"}.get(row, "")

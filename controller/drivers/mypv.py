"""Drives my-PV heating-rod controllers over Modbus/TCP: AC THOR, AC THOR 9s, AC ELWA-E.

Register 1000 takes a power and, when read, tells the power that flows. The device falls to 0 W when nothing is
written for its power time-out (1004, 10 s from the factory). Only 1000 and 1078 to 1080 may be written in a loop: all
others are stored. The number that an AC THOR is written is a share of the full scale, so it is scaled up for a smaller
rod. What state 1003 says differs: 9 is operating at an AC THOR and set-up at an AC ELWA-E.

Sources: my-PV register lists as in DrBing/ioBroker.AC-THOR and ioBroker.AC-ELWA_E:Holdig_registers.csv; how they are
read and written: evcc-io/evcc:charger/mypv.go, nymea/nymea-plugins-modbus:mypv and
OpenEMS/openems:io.openems.edge.heat.mypv; time-out and write budget: evcc issue 18020 and pull request 33628; full
scales: evcc issue 21374.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Point, Setting, known_by
from controller.drivers.shared.values import number
from controller.errors import WrongDevice
from controller.ports import Clock, ModbusLine

TIMEOUT = 10.0  # s, factory setting of 1004, which can be 10 to 600
FAULT = 200  # states 1003 from here on are faults, of all models
FLOWS = 10.0  # W, less is the device itself
THOR_HOT, THOR_FAULT = 3, 5  # operation states 1077
ELWA_STATES, ELWA_HOT = (2, 3, 4, 5, 9), 5  # states 1003


class Rod(ModbusDevice):
    """What all models have, at the same addresses, and how each is told a power."""

    kind: ClassVar[Kind] = "heating-rod"
    max_gap: ClassVar[int] = 3  # registers without a point can be read; 1004 is not there in every firmware
    single_write: ClassVar[bool] = True
    slow: ClassVar[frozenset[str]] = frozenset({"operation", "rod_power"})
    refresh: float | None = TIMEOUT / 2
    when_silent: ClassVar[WhenSilent] = WhenSilent("stops", TIMEOUT)
    reaction: ClassVar[float] = 4.0
    full_scale: ClassVar[float] = 3000.0  # W that stand for 100 %

    power = Measure(1000, "u16", unit="W")
    water_temperature = Measure(1001, "s16", 0.1, "°C")
    state = Measure(1003, "u16")
    temperature = Measure(1015, "s16", 0.1, "°C")  # of its chip

    target = Setting(1000, "u16", unit="W")
    timeout = Point(1004, "u16", unit="s", optional=True)
    firmware = Point(1016, "u16")
    serial_number = Point(1018, "str8")

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._scale = 1.0  # what is written for a watt

    async def set_power(self, watts: float) -> None:
        if not self.armed:
            await self._pace()
            self.armed = True
        await self.target.write(min(max(watts * self._scale, 0.0), self.full_scale))

    async def release(self) -> None:
        """Off; the device has no regulation of its own on this interface."""
        await self.target.write(0)

    async def _told(self, model: str, *points: Point) -> Mapping[str, Value]:
        """The points by which a model is known; WrongDevice when it has them not."""
        own = type(self)
        with known_by(f"a device that refuses the {model}'s registers", [model]):
            return await self.fetch((own.serial_number, own.firmware, own.state, *points))

    async def _known(self, model: str, seen: Mapping[str, Value]) -> Identity:
        """The identity of a device that is the right one, once it has been looked at and its pace is known."""
        await self.sample_rod()
        await self._pace()
        rated = self.full_scale / self._scale
        return Identity("my-PV", model, str(seen["serial_number"]), str(seen["firmware"]), rated_power=rated)

    async def sample_rod(self) -> dict[str, Value]:
        """All measures; the rod's own power, where it is known now, is kept as the scale."""
        seen = await self.sample()
        rod = seen.pop("rod_power", None)
        if isinstance(rod, int) and 0 < rod <= self.full_scale:
            self._scale = self.full_scale / rod
        return seen

    async def _pace(self) -> None:
        """Refresh as often as the device's own time-out asks for; it can be changed at the device."""
        told = await self.timeout.number()
        timeout = told if told is not None and 10 <= told <= 600 else TIMEOUT
        self.when_silent = WhenSilent("stops", timeout)  # type: ignore[misc]  # this one's own
        if self.refresh is not None:
            self.refresh = timeout / 2


class Thor:
    """What both AC THOR tell besides."""

    rod_power = Measure(1060, "u16", unit="W", absent=(0,))  # known only while the rod heats, evcc issue 18020
    voltage_l1 = Measure(1061, "u16", unit="V", absent=(0,))
    current_l1 = Measure(1062, "u16", 0.1, "A")
    frequency = Measure(1064, "u16", 0.001, "Hz", absent=(0,))
    operation = Measure(1077, "u16")


class AcThor(Thor, Rod):
    """AC THOR with one output of up to 3 kW."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {136: ("modbus-tcp",)}

    voltage_l2 = Point(1067, "u16", unit="V")  # 0 here; the 9s has three phases

    async def identify(self) -> Identity:
        seen = await self._told("AC THOR", type(self).frequency, type(self).voltage_l2)
        be_a_thor(seen, "AC THOR")
        if seen["voltage_l2"]:
            raise WrongDevice("an AC THOR 9s", ["AC THOR"])
        return await self._known("AC THOR", seen)

    async def read(self) -> Reading:
        return worded(await self.sample_rod())


class AcThor9s(Thor, Rod):
    """AC THOR 9s: three outputs of up to 3 kW, one on each phase."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {137: ("modbus-tcp",)}
    full_scale: ClassVar[float] = 9000.0

    voltage_l2 = Measure(1067, "u16", unit="V", absent=(0,))
    current_l2 = Measure(1068, "u16", 0.1, "A")
    voltage_l3 = Measure(1072, "u16", unit="V", absent=(0,))
    current_l3 = Measure(1073, "u16", 0.1, "A")
    power_l1 = Measure(1074, "u16", unit="W")
    power_l2 = Measure(1075, "u16", unit="W")
    power_l3 = Measure(1076, "u16", unit="W")

    async def identify(self) -> Identity:
        seen = await self._told("AC THOR 9s", type(self).frequency, type(self).voltage_l2)
        be_a_thor(seen, "AC THOR 9s")
        if not seen["voltage_l2"]:
            raise WrongDevice("an AC THOR of one phase", ["AC THOR 9s"])
        return await self._known("AC THOR 9s", seen)

    async def read(self) -> Reading:
        return worded(await self.sample_rod())


class AcElwaE(Rod):
    """AC ELWA-E: a rod of 3 kW and its controller in one. It tells neither voltages nor what it is rated."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {138: ("modbus-tcp",)}

    frequency = Point(1064, "u16", 0.001, "Hz", optional=True)  # of an AC THOR; here nothing, or a gap

    async def identify(self) -> Identity:
        seen = await self._told("AC ELWA-E", type(self).water_temperature)
        state = seen["state"]
        if not isinstance(state, int) or (state not in ELWA_STATES and state < FAULT):
            raise WrongDevice(f"a device in state {state}", ["AC ELWA-E"])
        if 45 < (await self.frequency.number() or 0.0) < 65:
            raise WrongDevice("an AC THOR", ["AC ELWA-E"])
        if not seen["serial_number"]:
            raise WrongDevice("a device without a serial number", ["AC ELWA-E"])
        return await self._known("AC ELWA-E", seen)

    async def read(self) -> Reading:
        seen = await self.sample_rod()
        state, flows = number(seen.pop("state")), (number(seen["power"]) or 0.0) > FLOWS
        fault = state is not None and state >= FAULT
        return seen | {
            "mode": "hot" if state == ELWA_HOT else "heating" if flows else "standby",
            "status": "fault" if fault else "running" if flows else "standby",
        }


def be_a_thor(seen: Mapping[str, Value], model: str) -> None:
    """WrongDevice when grid and state are not those of an AC THOR."""
    frequency, state = seen["frequency"], seen["state"]
    if not isinstance(frequency, float) or not 45 < frequency < 65 or (isinstance(state, int) and 9 < state < FAULT):
        raise WrongDevice(f"a device in state {state} at {frequency} Hz", [model])


def worded(seen: dict[str, Value]) -> Reading:
    """What an AC THOR says, its states as mode and status."""
    state, operation = seen.pop("state"), seen.pop("operation")
    flows = (number(seen["power"]) or 0.0) > FLOWS
    fault = (isinstance(state, int) and state >= FAULT) or operation == THOR_FAULT
    return seen | {
        "mode": "hot" if operation == THOR_HOT else "heating" if flows else "standby",
        "status": "fault" if fault else "running" if flows else "standby",
    }

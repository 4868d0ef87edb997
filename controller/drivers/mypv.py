"""Drives the my-PV AC THOR heating-rod controller over Modbus/TCP.

Register 1000 takes a power and, when read, tells the power that flows. The device falls to 0 W when nothing is
written for its power time-out (1004, 10 s from the factory). Only 1000 and 1078 to 1080 may be written in a loop: all
others are stored. The number written is a share of the full scale, so it is scaled up for a smaller rod.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Point, Setting
from controller.errors import Refused, WrongDevice
from controller.ports import Clock, ModbusLine

FULL_SCALE = 3000.0  # W that stand for 100 %
TIMEOUT = 10.0  # s, factory setting of 1004, which can be 10 to 600
HOT, FAULT = 3, 5  # operation states 1077


class AcThor(ModbusDevice):
    """AC THOR with one output of up to 3 kW.

    Source: my-PV register list as in ioBroker and evcc-io/evcc:charger/mypv.go; time-out and write budget: evcc issue
    18020 and pull request 33628.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {136: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "heating-rod"
    max_gap: ClassVar[int] = 3  # registers without a point can be read; 1004 is not there in every firmware
    single_write: ClassVar[bool] = True
    slow: ClassVar[frozenset[str]] = frozenset({"operation", "rod_power"})
    refresh: float | None = TIMEOUT / 2
    when_silent: ClassVar[WhenSilent] = WhenSilent("stops", TIMEOUT)
    reaction: ClassVar[float] = 4.0

    power = Measure(1000, "u16", unit="W")
    water_temperature = Measure(1001, "s16", 0.1, "°C")
    state = Measure(1003, "u16")
    rod_power = Measure(1060, "u16", unit="W", absent=(0,))  # known only while the rod heats, evcc issue 18020
    voltage_l1 = Measure(1061, "u16", unit="V", absent=(0,))
    current_l1 = Measure(1062, "u16", 0.1, "A")
    frequency = Measure(1064, "u16", 0.001, "Hz", absent=(0,))
    operation = Measure(1077, "u16")

    target = Setting(1000, "u16", unit="W")
    timeout = Point(1004, "u16", unit="s", optional=True)
    firmware = Point(1016, "u16")
    serial_number = Point(1018, "str8")
    voltage_l2 = Point(1067, "u16", unit="V")  # 0 here; the 9s has three phases

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._scale = 1.0  # what is written for a watt

    async def identify(self) -> Identity:
        own = type(self)
        try:
            seen = await self.fetch((own.serial_number, own.firmware, own.state, own.frequency, own.voltage_l2))
        except Refused as no:
            raise WrongDevice(f"a device that refuses the AC THOR's registers ({no})", ["AC THOR"]) from no
        frequency, state = seen["frequency"], seen["state"]
        if not isinstance(frequency, float) or not 45 < frequency < 65 or (isinstance(state, int) and 9 < state < 200):
            raise WrongDevice(f"a device in state {state} at {frequency} Hz", ["AC THOR"])
        if seen["voltage_l2"]:
            raise WrongDevice("an AC THOR 9s", ["AC THOR"])
        await self.read()
        await self._pace()
        return Identity(
            "my-PV", "AC THOR", str(seen["serial_number"]), str(seen["firmware"]), rated_power=FULL_SCALE / self._scale
        )

    async def read(self) -> Reading:
        seen = await self.sample()
        rod, state, operation, power = (seen.pop("rod_power"), seen.pop("state"), seen.pop("operation"), seen["power"])
        if isinstance(rod, int) and 0 < rod <= FULL_SCALE:
            self._scale = FULL_SCALE / rod
        heating = isinstance(power, int) and power > 10  # less is the device itself
        fault = (isinstance(state, int) and state >= 200) or operation == FAULT
        return seen | {
            "mode": "hot" if operation == HOT else "heating" if heating else "standby",
            "status": "fault" if fault else "running" if heating else "standby",
        }

    async def set_power(self, watts: float) -> None:
        if not self.armed:
            await self._pace()
            self.armed = True
        await self.target.write(min(max(watts * self._scale, 0.0), FULL_SCALE))

    async def release(self) -> None:
        """Off; the device has no regulation of its own on this interface."""
        await self.target.write(0)

    async def _pace(self) -> None:
        """Refresh as often as the device's own time-out asks for; it can be changed at the device."""
        timeout = await self.timeout.number()
        if self.refresh is not None:
            self.refresh = (timeout if timeout is not None and 10 <= timeout <= 600 else TIMEOUT) / 2

"""SAX Power Home: basic registers at unit 64, and a SunSpec-like block at unit 100 from firmware Master V61 on.

Source: SAX Power Home/Home Plus Modbus-TCP Dokumentation (SUNSPEC-Mode), copy in dr-dimitri/sax-ha:modbus.pdf; basic
registers from evcc-io/evcc:templates/definition/meter/sax.yaml and openWB/core:packages/modules/devices/saxpower.

The block at unit 100 is no regular SunSpec chain (its lengths count their own heads), so addresses are fixed. Its
wire offset is disputed: dr-dimitri/sax-ha found "SunS" at 0 on a device, OpenEMS reads at the document's numbers; both
are probed. External control has to be unlocked by SAX; until then writes are refused or forgotten. State of charge
and power are read in one request, a second separate one fails on some devices. Where the block is there, it stands in
for a basic register that says nothing: its raw value is 0 then, and 0 W are 16384.
"""

from collections.abc import Awaitable, Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.points import UNKNOWN, ModbusDevice, Point, Setting
from controller.drivers.shared.setpoint import SignedSetpoint
from controller.drivers.shared.values import number, worded
from controller.errors import DeviceError, LineTimeout, NotControllable, Refused, WrongDevice
from controller.ports import Clock, ModbusLine

ZERO = 16_384  # raw value of 0 W
HIGHEST = 4600.0  # W, one phase
REGULATE, FOLLOW = 0, 1
TIMEOUT = 60.0  # s the device may follow without hearing from us, at most 300
OFFSETS = (40_000, 0)  # document number less wire address, as found on a device and as OpenEMS reads
STATES = {1: "off", 2: "standby", 3: "starting", 4: "running", 7: "fault"}  # 7: its meter does not answer
HARDWARE = 15  # event
LOCKED = "commands are not followed: SAX support has not unlocked external control"
NAMES = {61: "Home 5.8kWh (PRIMO-1-6-5-230)", 62: "Home 7.7kWh (PRIMO-1-8-5-230)"}


class SaxBlock(ModbusDevice):
    """The SunSpec-like block of newer firmware at unit 100, addressed by the document's numbers."""

    default_unit: ClassVar[int] = 100

    marker = Setting(40000, "str2")
    maker = Setting(40004, "str4")
    product = Setting(40008, "str3")
    serial = Setting(40013, "u32")
    current_l1 = Setting(40018, "u16", unit="A")
    current_exponent = Setting(40021, "s16")
    voltage_l1 = Setting(40025, "u16", unit="V")
    voltage_exponent = Setting(40028, "s16")
    power = Setting(40029, "s16", unit="W")
    power_exponent = Setting(40030, "s16")
    frequency = Setting(40031, "u16", unit="Hz")
    frequency_exponent = Setting(40032, "s16")
    temperature = Setting(40041, "s16", unit="°C")  # of the hottest cell
    temperature_exponent = Setting(40042, "s16")
    state = Setting(40043, "u16")
    event = Setting(40044, "u16")
    share = Setting(40049, "s16", 0.01, "%")
    timeout = Setting(40050, "u16", unit="s")
    control = Setting(40051, "u16")
    reference = Setting(40053, "u16", unit="W")
    grid_power = Setting(40072, "s16", -1, "W")  # the block says + for export, unlike register 48
    grid_exponent = Setting(40076, "s16")
    capacity = Setting(40097, "u16", unit="Wh")

    max_gap: ClassVar[int] = 8
    absent: ClassVar[Mapping[str, tuple[int, ...]]] = {"u16": (0xFFFF,), "s16": (-0x8000,)}

    async def known(self, *points: Point) -> dict[str, Value]:
        """These points, nothing where the device has none of them."""
        try:
            return await self.fetch_known(points)
        except Refused as no:
            if no.code not in UNKNOWN:
                raise
            return {}

    async def scaled(self, *quantities: tuple[Point, Point]) -> dict[str, Value]:
        """Values with the exponents that belong to them, without those that the device does not have."""
        found = await self.known(*(point for pair in quantities for point in pair))
        values: dict[str, Value] = {}
        for point, exponent in quantities:
            raw, power = number(found.get(point.name)), number(found.get(exponent.name))
            if raw is not None and power is not None and -10 <= power <= 10:
                values[point.name] = raw * 10**power if power >= 0 else raw / 10**-power
        return values

    async def alternating(self) -> dict[str, Value]:
        """The AC side of the storage."""
        own = type(self)
        return await self.scaled(
            (own.power, own.power_exponent), (own.voltage_l1, own.voltage_exponent),
            (own.current_l1, own.current_exponent), (own.frequency, own.frequency_exponent),
        )  # fmt: skip

    async def condition(self) -> dict[str, Value]:
        """What it does and how warm it is."""
        own = type(self)
        told = await self.known(own.state, own.event)
        status = "fault" if told.get("event") == HARDWARE else worded(STATES, told.get("state"))
        return {"status": status, **await self.scaled((own.temperature, own.temperature_exponent))}

    async def grid(self) -> Value:
        """The grid meter, import positive."""
        own = type(self)
        return (await self.scaled((own.grid_power, own.grid_exponent))).get("grid_power")


class Shifted:
    """A line on which every address is lower by `offset` than the document says."""

    def __init__(self, line: ModbusLine, offset: int) -> None:
        self._line, self._offset = line, offset

    def read(self, unit: int, function: int, address: int, count: int) -> Awaitable[bytes]:
        return self._line.read(unit, function, address - self._offset, count)

    def write(self, unit: int, function: int, address: int, data: bytes) -> Awaitable[None]:
        return self._line.write(unit, function, address - self._offset, data)


class SaxHome(SignedSetpoint, ModbusDevice):
    """One-phase home storage on the grid meter of its own."""

    serves: ClassVar = dict.fromkeys(NAMES, ("modbus-tcp",))
    kind: ClassVar[Kind] = "battery-inverter"
    default_unit: ClassVar[int] = 64
    refresh = 30.0
    when_silent: ClassVar = WhenSilent("released", TIMEOUT)
    reaction: ClassVar[float] = 5.0

    soc = Setting(46, "u16", unit="%")
    battery_power = Setting(47, "u16", unit="W")  # + ZERO
    grid_power = Setting(48, "u16", unit="W", optional=True)  # + ZERO

    max_discharge = Setting(43, "u16", unit="W")
    max_charge = Setting(44, "u16", unit="W")

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._block: SaxBlock | None = None
        self._looked = False
        self._reference = HIGHEST

    async def identify(self) -> Identity:
        kind = type(self)
        await self.expect([kind.soc, kind.battery_power], "SAX Power Home", "SAX registers")
        await self._look()
        if self._block is None and not (await self.fetch([kind.soc, kind.battery_power]))["battery_power"]:
            raise WrongDevice("a device with -16384 W where the storage has its power", ["SAX Power Home"])
        serial = ""
        if self._block is not None:
            serial = f"{await self._block.serial.number() or 0:.0f}"
        model = self.model or NAMES.get(self.row, "Home")  # the device does not tell which Home it is
        return Identity("SAX Power", model, serial, rated_power=self._reference)

    async def _look(self) -> None:
        """Find the block of newer firmware; older firmware does not answer at its unit id."""
        if self._looked:
            return
        self._block = None
        for offset in OFFSETS:
            block = SaxBlock(Shifted(self.line, offset), self.clock)
            try:
                marker = await block.marker.read()
            except (Refused, LineTimeout):
                continue
            if marker == "SunS":
                found = f"{await block.maker.read()} {await block.product.read()}"
                if not found.startswith("SAXPOWER HOME"):
                    raise WrongDevice(found, ["SAXPOWER HOME"])
                self._block = block
                self._reference = await block.reference.number() or HIGHEST
                break
        self._looked = True

    async def read(self) -> Reading:
        await self._look()
        kind = type(self)
        values = await self.fetch_known([kind.soc, kind.battery_power])
        values.update(await self.fetch([kind.grid_power]))
        for name in ("battery_power", "grid_power"):
            raw = values[name]
            values[name] = raw - ZERO if isinstance(raw, int | float) and raw else None
        if self._block is not None:
            own = await self._block.alternating()
            power = own.pop("power", None)
            values |= own | await self._block.condition()
            if values["battery_power"] is None:
                values["battery_power"] = power
            if values["grid_power"] is None:
                values["grid_power"] = await self._block.grid()
            values["capacity"] = await self._block.capacity.read()
        return values

    async def _command(self, watts: float) -> None:
        await self._look()
        watts = min(max(watts, -self._reference), self._reference)
        try:
            if self._block is None:
                await self.max_charge.write(max(-watts, 0.0))
                await self.max_discharge.write(max(watts, 0.0))
            else:
                await self._follow(self._block, 100 * watts / self._reference)
        except Refused as no:
            raise self._locked(no) from no

    async def _follow(self, block: SaxBlock, share: float) -> None:
        await block.write_together((block.share, share), (block.timeout, TIMEOUT), (block.control, FOLLOW))
        if not self.armed and await block.control.number() != FOLLOW:
            raise NotControllable(LOCKED, unit=block.unit)
        self.armed = True

    async def release(self) -> None:
        """Back to the storage's own regulation on its meter."""
        await self._look()
        try:
            if self._block is None:
                await self.max_discharge.write(HIGHEST)
                await self.max_charge.write(HIGHEST)
            else:
                await self._block.control.write(REGULATE)
        except Refused as no:
            raise self._locked(no) from no
        self.armed = False

    def _locked(self, no: Refused) -> DeviceError:
        """What a refused write means: the lock, unless the device was only busy."""
        return no if no.code in (5, 6) else NotControllable(LOCKED, unit=no.unit, address=no.address, raw=no.raw)

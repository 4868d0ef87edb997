"""Victron GX (Color Control, Venus, Cerbo, MultiPlus-II GX): one map for all, the unit id selects the service.

Source: CCGX-Modbus-TCP-register-list and victronenergy/dbus_modbustcp:attributes.csv, unitid2di.csv; page "ESS mode 2
and 3" of the maker. Wire address as in the list, high word first. Power is read from the 32-bit twins, because a
double value wraps in 16 bits; that of the battery, which has no twin, is unwrapped by voltage and current. A value
that the GX does not have is sent as 0: a state of charge counts only while there is a battery voltage.

The battery is commanded in ESS mode 3, where the set-points 37, 40 and 41 of the VE.Bus service say what the inverter
takes from its AC input. They are volatile and dropped when they are not renewed: after 60 s by the maker's page, after
about 10 s by openWB/core issue 3355. Where no VE.Bus service is found (Multi RS), the volatile grid set-point 2716
(Venus OS 3.50) has to do. 2700 and its like are never written, they lie in flash.

What may be fed is limited by the setting 2722, which counts in ESS modes 1 and 2 and at the grid meter
(`controller.drivers.shared.meter_limit`); in mode 3 the set-points of the phases keep to the limit. The AC side and its
counter are those of the VE.Bus service; the counters of the grid are those of its meter, at a unit id of its own. The
battery service counts in 16 bits that wrap at 6553.6 kWh: it is not asked.
"""

from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Point, Setting
from controller.drivers.shared.meter_limit import BAND, FeedIn
from controller.drivers.shared.setpoint import SignedSetpoint
from controller.drivers.shared.values import number, total_of, total_of_known, worded
from controller.errors import NotControllable, Refused, WrongDevice
from controller.ports import Clock, ModbusLine

EXTERNAL, OPTIMISED = 3, 1  # ESS mode: external control; with phase compensation, as delivered
ABSENT = (2, 4, 10, 11)  # no such register, path or service
GRID_UNITS = (30, 31, 32, 33, 34)  # where the energy meter at the grid connection is found
UNLIMITED = -1.0
TYPICAL = 10_000.0  # W: a GX does not tell the rating of what is behind it
ZERO = (0,)  # "not available" of what cannot be 0
STATES = {
    0: "off", 1: "standby", 2: "fault", 3: "running", 4: "running", 5: "running", 6: "running", 7: "running",
    8: "standby", 9: "running", 10: "running", 11: "running", 252: "running",
}  # fmt: skip  # of the inverter; 8 passes the mains through, 252 is external control
VEBUS_UNITS = {43: 246, 44: 242, 45: 227, 46: 228}  # preferred unit id of the VE.Bus service on each GX
HIGHEST = 32_767  # W a phase set-point can carry
PV = tuple(f"pv_{place}_l{phase}" for place in ("output", "grid") for phase in (1, 2, 3))
GRID = tuple(f"grid_l{phase}" for phase in (1, 2, 3))
HOUSE = tuple(f"consumption_l{phase}" for phase in (1, 2, 3))


class VeBus(ModbusDevice):
    """The inverter/charger service of a GX; power towards the AC input is positive, what comes from there negative."""

    max_gap: ClassVar[int] = 30  # OpenEMS asks for 3 to 104 at once

    voltage_l1 = Measure(3, "u16", 0.1, "V", absent=ZERO)
    voltage_l2 = Measure(4, "u16", 0.1, "V", absent=ZERO)
    voltage_l3 = Measure(5, "u16", 0.1, "V", absent=ZERO)
    frequency = Measure(9, "s16", 0.01, "Hz", absent=ZERO)
    power_l1 = Measure(12, "s16", -10, "W")
    power_l2 = Measure(13, "s16", -10, "W")
    power_l3 = Measure(14, "s16", -10, "W")
    state = Measure(31, "u16")
    temperature = Measure(61, "s16", 0.1, "°C", absent=ZERO)  # of the battery
    energy = Measure(86, "u32", 10, "Wh")  # from the inverter to AC input 1

    phases = Setting(28, "u16", optional=True)
    setpoint_l1 = Setting(37, "s16", -1, "W")  # the device says + for power taken from the grid
    no_charging = Setting(38, "u16")
    no_feed_in = Setting(39, "u16")
    setpoint_l2 = Setting(40, "s16", -1, "W")
    setpoint_l3 = Setting(41, "s16", -1, "W")

    async def side(self) -> dict[str, Value]:
        """The AC side in contract names, without phases that it does not have."""
        values = await self.sample()
        values["status"] = worded(STATES, values.pop("state"))
        for phase in (1, 2, 3):
            if values[f"voltage_l{phase}"] is None:
                del values[f"voltage_l{phase}"], values[f"power_l{phase}"]
        return values | {"power": total_of_known(values.get(f"power_l{phase}") for phase in (1, 2, 3))}


class GridMeter(ModbusDevice):
    """The meter at the grid connection."""

    import_energy = Measure(2634, "u32", 10, "Wh")
    export_energy = Measure(2636, "u32", 10, "Wh")


class VictronGx(SignedSetpoint, ModbusDevice):
    """Battery system behind a GX: read in the system service, commanded in the VE.Bus service."""

    serves: ClassVar = dict.fromkeys((43, 44, 45, 46), ("modbus-tcp",))
    limits_at_the_meter: ClassVar[bool] = True
    tells_rating: ClassVar[bool] = False  # a GX stands for whatever is behind it
    kind: ClassVar[Kind] = "battery-inverter"
    default_unit: ClassVar[int] = 100
    refresh = 5.0
    when_silent: ClassVar = WhenSilent("stops", 10.0)

    serial = Setting(800, "str6")
    battery_voltage = Measure(840, "u16", 0.1, "V")
    battery_current = Measure(841, "s16", -0.1, "A")  # the device says + for charging
    battery_power = Measure(842, "s16", -1, "W")  # the device says + for charging
    soc = Measure(843, "u16", unit="%")
    pv_dc = Measure(850, "u16", unit="W")
    pv_output_l1 = Measure(884, "u32", unit="W")
    pv_output_l2 = Measure(886, "u32", unit="W")
    pv_output_l3 = Measure(888, "u32", unit="W")
    pv_grid_l1 = Measure(890, "u32", unit="W")
    pv_grid_l2 = Measure(892, "u32", unit="W")
    pv_grid_l3 = Measure(894, "u32", unit="W")
    grid_l1 = Measure(908, "s32", unit="W")
    grid_l2 = Measure(910, "s32", unit="W")
    grid_l3 = Measure(912, "s32", unit="W")

    # the same in 16 bits, for a Venus OS that does not have the wider ones yet
    short_pv_output_l1 = Point(808, "u16", unit="W", optional=True)
    short_pv_output_l2 = Point(809, "u16", unit="W", optional=True)
    short_pv_output_l3 = Point(810, "u16", unit="W", optional=True)
    short_pv_grid_l1 = Point(811, "u16", unit="W", optional=True)
    short_pv_grid_l2 = Point(812, "u16", unit="W", optional=True)
    short_pv_grid_l3 = Point(813, "u16", unit="W", optional=True)
    short_grid_l1 = Point(820, "s16", unit="W", optional=True)
    short_grid_l2 = Point(821, "s16", unit="W", optional=True)
    short_grid_l3 = Point(822, "s16", unit="W", optional=True)

    consumption_l1 = Point(902, "u32", unit="W", optional=True)
    consumption_l2 = Point(904, "u32", unit="W", optional=True)
    consumption_l3 = Point(906, "u32", unit="W", optional=True)
    short_consumption_l1 = Point(817, "u16", unit="W", optional=True)
    short_consumption_l2 = Point(818, "u16", unit="W", optional=True)
    short_consumption_l3 = Point(819, "u16", unit="W", optional=True)

    grid_setpoint = Setting(2716, "s32", unit="W")
    stored_setpoint = Setting(2700, "s16", unit="W", optional=True)  # read only: writing it wears the flash
    most_feed_in = Setting(2722, "s32", unit="W")  # stored; -1: no limit
    mode = Setting(2902, "u16")

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._vebus: VeBus | None = None
        self._meter: GridMeter | None = None
        self._looked = False
        self._feed_in = FeedIn()
        self._most = float("inf")  # W that may be fed
        self._solar: float | None = None  # W of the solar chargers on the DC bus
        self._grid: float | None = None  # W at the grid meter, as read last
        self._phases = 1
        self._mode_before = float(OPTIMISED)

    async def identify(self) -> Identity:
        try:
            serial = await self.serial.read()
        except Refused as no:
            if no.code not in (2, 10):  # 11: nobody has this unit id
                raise
            raise WrongDevice("a device without a GX system service", ["Victron GX"]) from no
        return Identity("Victron Energy", "GX", str(serial or ""))

    async def read(self) -> Reading:
        await self._look()
        values = await self.sample()
        if all(values[name] is None for name in (*PV, *GRID)):
            short = await self.fetch([getattr(type(self), f"short_{name}") for name in (*PV, *GRID)])
            values |= {name: short[f"short_{name}"] for name in (*PV, *GRID)}
        known = bool(values["battery_voltage"])
        self._solar = number(values["pv_dc"])
        self._grid = total_of("grid_power", values, GRID, self.doubts)
        reading: dict[str, Value] = {}
        for service in (self._vebus, self._meter):
            if service is not None:
                service.pace, service.by_phase = self.pace, self.by_phase
                reading |= await (service.side() if isinstance(service, VeBus) else service.sample())
        return reading | {
            "battery_power": unwrapped(values) if known else None,
            "soc": values["soc"] if known else None,
            "pv_power": total_of("pv_power", values, ("pv_dc", *PV), self.doubts),
            "grid_power": self._grid,
        }

    async def _command(self, watts: float) -> None:
        await self._look()
        if self._vebus is None:
            await self._steer_grid(watts)
            return
        if self._solar is None:
            self._solar = await self.pv_dc.number()
        at_input = min(watts + (self._solar or 0.0), self._most)  # the sun on the DC bus goes the same way
        share = min(max(at_input / self._phases, -HIGHEST), HIGHEST)
        await self._set_phases(self._vebus, share)  # first, so that mode 3 never finds a stale set-point
        before = await self.mode.number()
        if before != EXTERNAL:
            self._mode_before = before or OPTIMISED
            await self.mode.write(EXTERNAL)
            await self._set_phases(self._vebus, share)

    async def _set_phases(self, vebus: VeBus, watts: float) -> None:
        if self._phases == 1:
            await vebus.setpoint_l1.write(watts)
            return
        # all phases in one request: the inverter has all of a command or none of it
        await vebus.write_together(
            (vebus.setpoint_l1, watts), (vebus.no_charging, 0), (vebus.no_feed_in, 0), (vebus.setpoint_l2, watts),
            (vebus.setpoint_l3, watts),
        )  # fmt: skip

    async def _steer_grid(self, watts: float) -> None:
        """Ask for the grid power at which the battery has to give `watts`: loads less PV less battery."""
        now = await self.read()
        grid, battery = now["grid_power"], now["battery_power"]
        if not isinstance(grid, int | float) or not isinstance(battery, int | float):
            raise NotControllable("grid or battery power is not known", unit=self.unit)
        try:
            await self.grid_setpoint.write(grid + battery - watts)
        except Refused as no:
            if no.code not in ABSENT:
                raise
            raise NotControllable("neither VE.Bus set-points nor a volatile grid set-point", unit=self.unit) from no

    async def limit_power(self, watts: float) -> None:
        """At most `watts` at the AC input; the GX limits what is fed at the grid meter."""
        self._most = max(watts, 0.0)
        wide = await self.fetch([getattr(type(self), name) for name in HOUSE])
        house = total_of_known(wide.values())
        if house is None:
            house = total_of_known(
                (await self.fetch([getattr(type(self), f"short_{each}") for each in HOUSE])).values()
            )
        house = house or 0.0
        power = 0.0 if self._grid is None else house - self._grid
        try:
            found = await self.most_feed_in.number()
            standing = None if found is None or found < 0 else found
            new = self._feed_in.due(self._most, power, house, standing, BAND * TYPICAL, self.clock.monotonic())
            if new is not None:
                await self.most_feed_in.write(new)
        except Refused as no:
            if no.code not in ABSENT:
                raise
            raise NotControllable("this Venus OS has no limit of feed-in in its list", unit=self.unit) from no

    async def release(self) -> None:
        """Back to the GX's own regulation, and no limit."""
        await self._look()
        await self._free()
        if self._vebus is None:
            own = await self.stored_setpoint.number()
            await self.grid_setpoint.write(own or 0.0)
        elif await self.mode.number() == EXTERNAL:
            await self.mode.write(self._mode_before)

    async def _free(self) -> None:
        """No limit of feed-in, whoever has set one."""
        self._most = float("inf")
        self._feed_in.forget()
        try:
            if await self.most_feed_in.number() != UNLIMITED:
                await self.most_feed_in.write(UNLIMITED)
        except Refused as no:
            if no.code not in ABSENT:
                raise  # a Venus OS that does not have it has no limit either

    async def _look(self) -> None:
        """Find the VE.Bus service and the grid meter: their unit ids depend on the GX and on what is plugged where."""
        if self._looked:
            return
        preferred = VEBUS_UNITS.get(self.row)
        for unit in sorted(VEBUS_UNITS.values(), key=lambda each: each != preferred):
            vebus = VeBus(self.line, self.clock, unit)
            try:
                await vebus.setpoint_l1.read()
            except Refused as no:
                if no.code not in ABSENT:
                    raise
                continue
            phases = await vebus.phases.number()
            self._vebus, self._phases = vebus, 3 if phases == 3 else 1
            break
        for unit in GRID_UNITS:
            meter = GridMeter(self.line, self.clock, unit)
            try:
                await meter.import_energy.read()
            except Refused as no:
                if no.code not in ABSENT:
                    raise
                continue
            self._meter = meter
            break
        self._looked = True


def unwrapped(values: dict[str, Value]) -> float | None:
    """Battery power in W. The register wraps beyond 16 bits; voltage times current tells how often it has."""
    power, voltage, current = values["battery_power"], values["battery_voltage"], values["battery_current"]
    if not isinstance(power, int | float):
        return None
    if not isinstance(voltage, int | float) or not isinstance(current, int | float):
        return power
    return power + 0x10000 * round((voltage * current - power) / 0x10000)

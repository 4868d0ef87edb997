"""Victron GX: the services behind the unit ids, and the Energy Storage System that regulates grid power.

Source: dbus_modbustcp (attributes.csv, mappings.cpp, backend.cpp) and the vendor's page on ESS mode 2 and 3.
In modes 1 and 2 the battery follows a setpoint for the grid, from 2716 (memory) before 2700 (flash). In mode 3 the
inverter follows a setpoint of its own at each phase and drops it when it is not renewed. A write that a service does
not take is answered with 10. 2706 and 2722 bound what the system feeds at the grid connection (list: "-1: no limit";
ESS design manual, "limit system feed-in"): solar chargers are throttled, a PV inverter here cannot be. Powers are
doubles on the D-Bus: rounded and cast, so 16-bit registers wrap. While nothing tells what the house draws, it is taken
to draw nothing.
"""

from collections.abc import Callable
from functools import cache

from emulators.faces.gridmeter import HybridMeter
from emulators.faces.settings import kept
from emulators.family.build import Installation, Order, station
from emulators.family.options import chosen
from emulators.family.profile import Facts, Profile
from emulators.family.units import unit_of
from emulators.table.answers import GatewayPathUnavailable, IllegalAddress
from emulators.table.words import Words
from emulators.victron.flows import Flows
from emulators.wires.device import Device
from emulators.wires.modbus import Unit
from twin.battery import BatteryInverter

WITH_COMPENSATION, WITHOUT_COMPENSATION, EXTERNAL = 1, 2, 3
CHARGER_ONLY, INVERTER_ONLY, ON, OFF = 1, 2, 3, 4
UNLIMITED = -1.0


def percent(value: float) -> float:
    """A share, refused in the way of the GX."""
    if not 0 <= value <= 100:
        raise GatewayPathUnavailable
    return value


class Gx:
    """System, settings and hub4 at unit 100, VE.Bus inverter, battery and grid meter at their own."""

    def __init__(self, twin: BatteryInverter, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        self.serial_number = "c0619ab1a2b3"
        self.meter = HybridMeter(twin, device)
        # AC input 1 is the grid, the solar charger is on
        self.parts = (Flows(twin, facts, self.meter, device.clock), self.meter, Words(word_2711=1, word_774=1))
        self._mode, self._setpoint, self._override = WITH_COMPENSATION, 0.0, None  # type: int, float, float | None
        self._phases, self._followed = [0.0, 0.0, 0.0], False  # 0 W is a setpoint, too, until it is dropped
        self._lowest, self._battery_life = 10.0, 10
        self._charge_percent = self._discharge_percent = 100.0
        self._discharge_power = self._feed_in_power = self._charge_current = UNLIMITED
        self.dc_feed_in, self.prevent_feedback = 1, 0
        self.export_current = self.import_current = -1
        self._disable_charge = self._disable_feed_in = int(facts.more["forbidden"])
        self._vebus_mode = ON
        self.input_limit = 32.0
        self._writes = bool(facts.more["writes"])
        self.operator = {"power-cycle": self.reboot, "allow-writes": self.allow_writes}
        self._apply()

    def allow_writes(self, on: bool = True) -> None:
        """Settings, Services, Modbus TCP: write access."""
        self._writes = bool(on)

    def reboot(self) -> None:
        """The override and phase setpoints live in memory, settings in flash."""
        self._override = None
        self._disable_charge = self._disable_feed_in = 0
        self._drop()

    def asked(self, function: int, address: int, count: int) -> None:
        if function in (6, 16) and not self._writes:
            raise IllegalAddress(address)
        twin = self._twin
        self.meter.look()
        self._bound()
        wanted = self._wanted()
        if self._mode != EXTERNAL and wanted != twin.battery_setpoint:
            twin.battery_setpoint = wanted

    # hub4 and settings

    grid_setpoint = kept("_setpoint")
    override_setpoint = kept("_override")  # None until it is written: then it takes the place of the setting

    @property
    def hub4_mode(self) -> int:
        return self._mode

    @hub4_mode.setter
    def hub4_mode(self, mode: int) -> None:
        if mode not in (WITH_COMPENSATION, WITHOUT_COMPENSATION, EXTERNAL):
            raise GatewayPathUnavailable
        self._mode = mode
        self._drop()

    @property
    def battery_life(self) -> int:
        return self._battery_life

    @battery_life.setter
    def battery_life(self, state: int) -> None:
        if state not in (1, 9, 10):
            raise GatewayPathUnavailable
        self._battery_life = state
        self._apply()

    lowest_soc = kept("_lowest", percent)
    charge_percent = kept("_charge_percent", percent)
    discharge_percent = kept("_discharge_percent", percent)

    @property
    def discharge_power(self) -> float:
        return self._discharge_power

    @discharge_power.setter
    def discharge_power(self, watts: float) -> None:
        self._discharge_power = UNLIMITED if watts < 0 else watts  # -1, or -10 in tens of watts
        self._apply()

    @property
    def charge_current(self) -> float:
        """A; -1 switches the limit off."""
        return self._charge_current

    @charge_current.setter
    def charge_current(self, amperes: float) -> None:
        self._charge_current = UNLIMITED if amperes < 0 else amperes
        self._apply()

    @property
    def feed_in_power(self) -> float:
        return self._feed_in_power

    @feed_in_power.setter
    def feed_in_power(self, watts: float) -> None:
        self._feed_in_power = UNLIMITED if watts < 0 else watts
        self._apply()

    # VE.Bus

    @property
    def phase_setpoint_1(self) -> float:
        return self._phases[0]

    @phase_setpoint_1.setter
    def phase_setpoint_1(self, watts: float) -> None:
        self._follow(0, watts)

    @property
    def phase_setpoint_2(self) -> float:
        return self._phases[1]

    @phase_setpoint_2.setter
    def phase_setpoint_2(self, watts: float) -> None:
        self._follow(1, watts)

    @property
    def phase_setpoint_3(self) -> float:
        return self._phases[2]

    @phase_setpoint_3.setter
    def phase_setpoint_3(self, watts: float) -> None:
        self._follow(2, watts)

    disable_charge = kept("_disable_charge")
    disable_feed_in = kept("_disable_feed_in")

    @property
    def vebus_mode(self) -> int:
        return self._vebus_mode

    @vebus_mode.setter
    def vebus_mode(self, mode: int) -> None:
        if mode not in (CHARGER_ONLY, INVERTER_ONLY, ON, OFF):
            raise GatewayPathUnavailable
        self._vebus_mode = mode
        self._apply()

    # what it adds up to

    def _follow(self, phase: int, watts: float) -> None:
        """A phase setpoint: in modes 1 and 2 the regulation writes its own the moment after."""
        if self._mode != EXTERNAL:
            return
        self._phases[phase], self._followed = watts, True
        self._twin.at("external", self._device.clock() + float(self._facts["external_timeout"]), self._drop)
        self._apply()

    def _drop(self) -> None:
        self._phases, self._followed = [0.0, 0.0, 0.0], False
        self._twin.cancel("external")
        self._apply()

    def _house(self) -> float:
        """W that the house would draw without this system."""
        return self._twin.demand or 0.0

    def _apply(self) -> None:
        twin = self._twin
        charges = self._vebus_mode in (ON, CHARGER_ONLY) and not self._disable_charge
        discharges = self._vebus_mode in (ON, INVERTER_ONLY) and not (self._mode == EXTERNAL and self._disable_feed_in)
        charge = twin.rated_power * self._charge_percent / 100 if charges else 0.0
        if self._charge_current != UNLIMITED:
            charge = min(charge, self._charge_current * float(self._facts["battery_voltage"]))
        discharge = twin.rated_power * self._discharge_percent / 100 if discharges else 0.0
        if self._discharge_power != UNLIMITED:
            discharge = min(discharge, self._discharge_power)
        twin.max_charge, twin.max_discharge = charge, discharge
        self._bound()
        twin.soc_min = self._lowest if self._mode != EXTERNAL else 0.0  # mode 3 leaves the limits to the controller
        twin.battery_setpoint = self._wanted()

    def _bound(self) -> None:
        """What battery and solar chargers may give together: what the house draws and what may be fed.

        In mode 3 it is what the setpoints say: the chargers of a full battery are throttled to it.
        """
        twin, most = self._twin, self._twin.rated_power
        if self._facts["pv_at"] == "dc":
            if self._mode == EXTERNAL and self._followed:
                most = min(most, max(-self._taken(), 0.0))
            elif self._mode != EXTERNAL and self._feed_in_power != UNLIMITED:
                most = min(most, max(self._house(), 0.0) + self._feed_in_power)
        if most != twin.power_limit:
            twin.power_limit = most

    def _taken(self) -> float:
        """W that the setpoints take from the AC input; one MultiPlus is on each phase."""
        most = self._twin.rated_power / 3
        return sum(min(max(watts, -most), most) for watts in self._phases)

    def _wanted(self) -> float | None:
        """W from the battery, None for the regulation to no grid power at all."""
        twin = self._twin
        if self._mode == EXTERNAL:
            return -self._taken() - float(twin.pv_power) if self._followed else 0.0
        target = self._setpoint if self._override is None else self._override
        if self._feed_in_power != UNLIMITED:
            target = max(target, -self._feed_in_power)
        if self._battery_life == 9:
            return -twin.max_charge
        return self._house() - float(twin.pv_power) - target if target else None


def install(family: Profile, order: Order) -> Installation:
    """One GX, with its services at their unit ids; 0 is another name of 100."""
    family, facts = chosen(family, order.facts, order.options)
    twin = BatteryInverter(facts.rated_power, facts.phases, float(facts.more["capacity"]))
    twin.time = order.clock()
    number = int(family.data["modbus"]["unit"]) if order.unit is None else order.unit
    device = Device(order.row, facts.name, order.protocol, twin, twin, order.clock, number)
    face = Gx(twin, facts, device)
    device.face, device.operator = face, face.operator
    units = {number: unit_of(family, family.data, device, facts)}
    units.setdefault(0, units[number])
    for service in ("vebus", "battery", "grid", "solarcharger" if facts.more["pv_at"] == "dc" else "pvinverter"):
        table = {**family.data, **family.data[service]}
        units.setdefault(int(facts.more[f"{service}_unit"]), unit_of(family, table, device, facts))
    for unit in {id(each): each for each in units.values()}.values():
        unit.hook = _service(unit, face, family.data["registered"])
    return station(family, order, units, [device])


def _service(unit: Unit, face: Gx, registered: list[list[int]]) -> Callable[[int, int, int], None]:
    """What sees each request to a unit id: 10 where the list knows the register and no service there has it."""
    own = {row.address + at for row in unit.spaces["holding"].rows for at in range(row.words)}
    known = _known(tuple((first, last) for first, last in registered))

    def asked(function: int, address: int, count: int) -> None:
        if address in known and address not in own:
            raise GatewayPathUnavailable
        face.asked(function, address, count)

    return asked


@cache
def _known(ranges: tuple[tuple[int, int], ...]) -> frozenset[int]:
    return frozenset(address for first, last in ranges for address in range(first, last + 1))

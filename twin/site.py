"""One house behind one grid connection: settles what flows, and keeps account of the energy.

Flows are constant between events: a step of a series, a timer or a full store of a device, a command. At an event all
devices are counted up to it and the flows are settled anew; between events `advance` only moves the clock, and a
device is counted when somebody looks at it.

The node: import = loads + charging - generation - discharging, so it is balanced by construction. Batteries that
regulate themselves see what is left by those before them, in the order in which they were added, and then what those
after them feed all the same: the sun of a full hybrid charges the battery beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush
from typing import Any

from twin.ac import AcDevice
from twin.balance import Balance, Ledger
from twin.battery import BatteryInverter
from twin.charger import ChargingPoint
from twin.heat import HeatingRod
from twin.heatpump import HeatPump
from twin.meter import ElectricityMeter
from twin.model import INFINITY, Model
from twin.pv import PvInverter
from twin.steps import Departure, Series, Trip, constant

GRID = "grid"
SLACK = 1e-6  # s; a deadline this near has come


@dataclass(slots=True)
class Drive:
    """A series that drives an attribute of a device. What was set from outside stays until the series changes."""

    series: Series
    model: Model
    attribute: str
    last: float | None = None

    def step(self, now: float) -> None:
        value = self.series.at(now)
        if value != self.last:
            self.last = value
            setattr(self.model, self.attribute, value)


class Site:
    """A grid node with its devices. `load` is the base load of the house in W, spread over three phases."""

    def __init__(self, start: float, load: Series | float = 0.0) -> None:
        self.start = self.now = start
        self.models: dict[str, Model] = {}
        self.grid_power = 0.0  # W, import positive
        self.grid_phases = (0.0, 0.0, 0.0)
        self.load_power = 0.0
        self.departures: list[Departure] = []  # of scheduled cars, in order
        self._load = load if isinstance(load, Series) else constant(load)
        self._devices: dict[str, AcDevice] = {}
        self._batteries: dict[str, BatteryInverter] = {}
        self._meters: list[tuple[ElectricityMeter, tuple[str, ...]]] = []
        self._drives: list[Drive] = []
        self._phase: dict[str, int] = {}
        self._watts: dict[str, float] = {}  # AC power into the house, generation positive
        self._heat: dict[str, float] = {}  # W that the inverters lose
        self._horizons: list[tuple[float, Model]] = []
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0
        self._next = start
        self._busy = False
        self._ledger = Ledger(start)

    # furnishing

    def add(self, name: str, model: Model, *, phase: int = 1, series: Series | None = None) -> Model:
        """Put a device into the house. A device with one phase hangs on `phase`.

        `series` drives what the world gives it: the sun of a PV or battery inverter, the heat drawn of a rod or pump.
        """
        if name in self.models or name == GRID:
            raise ValueError(f"{name} is there already")
        self.models[name] = model
        model.time, model.around = self.now, self
        match model:
            case ElectricityMeter():
                raise ValueError(f"{name} is a meter, use Site.meter")
            case BatteryInverter():
                self._batteries[name] = model
                self._devices[name] = model
                self._ledger.watch(name, model)
            case AcDevice():
                self._devices[name] = model
        self._phase[name] = phase
        if series is not None:
            self._drives.append(Drive(series, model, _driven(name, model)))
        self.changed()
        return model

    def meter(self, name: str, model: ElectricityMeter, of: str | tuple[str, ...] = GRID) -> ElectricityMeter:
        """Hang a meter at the grid connection, or before devices: import is then what they take."""
        names = (of,) if isinstance(of, str) else of
        for each in names:
            if each != GRID and each not in self._devices:
                raise ValueError(f"no device {each} to hang {name} before")
        if name in self.models:
            raise ValueError(f"{name} is there already")
        self.models[name] = model
        model.time, model.around = self.now, self
        self._meters.append((model, names))
        self.changed()
        return model

    def schedule(self, charger: ChargingPoint, trips: tuple[Trip, ...]) -> None:
        """Let a car come and go."""
        for trip in trips:
            if trip.leaves <= self.now:
                continue
            self.at(max(trip.arrives, self.now), partial(_arrive, charger, trip.energy))
            self.at(trip.leaves, partial(self._leave, charger))

    def _leave(self, charger: ChargingPoint) -> None:
        name = next((name for name, model in self.models.items() if model is charger), "")
        self.departures.append(Departure(name, self.now, charger.vehicle_demand))
        charger.plugged = False

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Do `action` at `when` (s, UTC), e.g. pull a plug."""
        self._order += 1
        heappush(self._agenda, (when, self._order, action))
        self.hurry(when)

    def set_load(self, load: Series | float) -> None:
        """Another base load from now on."""
        self._load = load if isinstance(load, Series) else constant(load)
        self.changed()

    # time

    def advance(self, now: float) -> None:
        """Bring the house to `now`. Costs nothing while nothing happens. Time does not run backwards."""
        while self._next <= now:
            self._happen(max(self._next, self.now))
        if now > self.now:
            self.now = now

    def hurry(self, when: float) -> None:
        """A device has something to do at `when`."""
        if when < self._next:
            self._next = when

    def changed(self) -> None:
        """A device was commanded or set: settle anew."""
        if not self._busy:
            self._count()
            self._settle()

    def _happen(self, when: float) -> None:
        self.now = when
        self._count()
        self._busy = True  # what happens together is settled together
        try:
            while self._agenda and self._agenda[0][0] <= when:
                heappop(self._agenda)[2]()
            for at, model in self._horizons:
                if at <= when + SLACK:
                    model.reached()
            for model in self.models.values():
                model.run_timers(when)
        finally:
            self._busy = False
        self._settle()

    def _count(self) -> None:
        """Everything up to now, with the flows as they have been."""
        now = self.now
        for model in self.models.values():
            model.count(now)
        self._ledger.count(now, self.grid_power, self.load_power, self._watts, self._heat)

    # flows

    def _settle(self) -> None:
        now, watts = self.now, self._watts
        self._busy = True
        try:
            for drive in self._drives:
                drive.step(now)
        finally:
            self._busy = False
        rest = self.load_power = self._load.at(now)
        regulating: list[tuple[str, BatteryInverter]] = []
        for name, device in self._devices.items():
            if name in self._batteries and self._batteries[name].regulates:
                regulating.append((name, self._batteries[name]))
                continue
            watts[name] = power = device.direction * float(device.power)
            rest -= power
            if isinstance(device, PvInverter):
                self._heat[name] = device.heat
        for name, battery in regulating:
            battery.demand = rest
            watts[name] = power = float(battery.power)
            rest -= power
        for name, battery in regulating if len(regulating) > 1 else ():
            battery.demand = rest = rest + watts[name]
            watts[name] = power = float(battery.power)
            rest -= power
        self.grid_power = rest
        self._spread()
        for name, battery in self._batteries.items():
            if not battery.regulates:
                battery.demand = rest + watts[name]
            battery.node = rest
        for meter, names in self._meters:
            self._show(meter, names)
        self._plan(now)

    def _spread(self) -> None:
        """The node's power on each phase, in W, import positive."""
        third = self.load_power / 3
        phases = [third, third, third]
        for name, device in self._devices.items():
            for phase, share in enumerate(self._shares(name, device)):
                phases[phase] -= self._watts[name] * share
        self.grid_phases = (phases[0], phases[1], phases[2])

    def _shares(self, name: str, device: AcDevice) -> tuple[float, float, float]:
        shares, phase = device.shares(), self._phase[name]
        if phase == 1 or shares[1]:
            return shares
        return (0.0, 1.0, 0.0) if phase == 2 else (0.0, 0.0, 1.0)

    def _show(self, meter: ElectricityMeter, names: tuple[str, ...]) -> None:
        if names == (GRID,):
            meter.pass_through(self.grid_power, self.grid_phases)
            return
        phases = [0.0, 0.0, 0.0]
        for name in names:
            for phase, share in enumerate(self._shares(name, self._devices[name])):
                phases[phase] -= self._watts[name] * share
        meter.pass_through(-sum(self._watts[name] for name in names), (phases[0], phases[1], phases[2]))

    def _plan(self, now: float) -> None:
        """When something happens next."""
        self._horizons = []
        dues = [self._load.following(now), self._agenda[0][0] if self._agenda else INFINITY]
        for model in self.models.values():
            at = model.horizon()
            if at < INFINITY:
                self._horizons.append((at, model))
                dues.append(at)
            dues.append(model.next_timer)
        dues += [drive.series.following(now) for drive in self._drives]
        self._next = min(dues)

    # account

    def balance(self) -> Balance:
        """Where the energy came from and went since the start."""
        self._count()
        return self._ledger.balance()

    def truth(self) -> dict[str, dict[str, Any]]:
        """What is true of every device now."""
        return {name: model.truth() for name, model in self.models.items()}


def _driven(name: str, model: Model) -> str:
    """What a series drives in a device."""
    match model:
        case PvInverter():
            return "available"
        case BatteryInverter():
            return "pv_available"
        case HeatingRod() | HeatPump():
            return "draw"
    raise ValueError(f"{name}: nothing in it follows a series")


def _arrive(charger: ChargingPoint, energy: float) -> None:
    charger.plugged = True
    charger.vehicle_demand = energy

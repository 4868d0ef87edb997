"""Meters at the grid connection: one that a PV inverter reads once somebody has wired it, one that a hybrid has."""

from collections.abc import Callable

from emulators.wires.device import Device
from twin.ac import AcDevice
from twin.battery import BatteryInverter
from twin.meter import ElectricityMeter


class GridMeter:
    """`inverter` feeds behind it, the load of the house is constant. All values are None until it is fitted."""

    def __init__(self, inverter: AcDevice, device: Device) -> None:
        self._inverter, self._device = inverter, device
        self._clock: Callable[[], float] = device.clock
        self._meter: ElectricityMeter | None = None
        self._load = 0.0

    def fit(self, grid_power: float = 0.0) -> None:
        """`grid_power` W flow through it now, + import."""
        if self._meter is None:
            self._meter = ElectricityMeter(3)
            self._meter.time = self._clock()
            self._device.meters.append(self._meter)
        self._meter.power = grid_power
        self._load = grid_power + float(self._inverter.power)

    def look(self) -> None:
        """Count what flowed since the last look, and see what flows now."""
        if self._meter is not None:
            self._meter.advance(self._clock())
            self._meter.power = self._load - float(self._inverter.power)

    @property
    def load_power(self) -> float | None:
        return None if self._meter is None else self._load

    @property
    def grid_power(self) -> float | None:
        return None if self._meter is None else float(self._meter.power)

    @property
    def phase_power(self) -> float | None:
        """W on each of three phases that share evenly."""
        power = self.grid_power
        return None if power is None else power / 3

    @property
    def import_energy(self) -> float | None:
        return self._meter.import_energy if self._meter else None

    @property
    def export_energy(self) -> float | None:
        return self._meter.export_energy if self._meter else None


class HybridMeter:
    """What a hybrid counts at the meter that hangs on it: its twin knows the power, not the energies.

    Where nobody has a house around it, the house draws `demand`, or nothing: what it feeds goes through the meter.
    """

    def __init__(self, twin: BatteryInverter, device: Device) -> None:
        self._twin, self._clock = twin, device.clock
        self._meter = ElectricityMeter(3)
        self._meter.time = device.clock()
        device.meters.append(self._meter)

    def look(self) -> None:
        """See what flows now; what flowed until now is counted when that changes."""
        twin = self._twin
        if twin.around is None and "grid_power" not in twin.held:
            twin.node = (twin.demand or 0.0) - float(twin.power)
        watts = float(twin.grid_power)
        if watts != self._meter.power:
            self._meter.advance(self._clock())
            self._meter.power = watts

    @property
    def import_energy(self) -> float:
        self._meter.advance(self._clock())
        return self._meter.import_energy

    @property
    def export_energy(self) -> float:
        self._meter.advance(self._clock())
        return self._meter.export_energy

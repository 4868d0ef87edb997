"""What a PLENTICORE counts beyond its yield: the house's energies, the yields of day, month and year, its hours."""

from typing import Any

from emulators.faces.daily import SinceMidnight
from emulators.faces.yearly import SinceYear
from emulators.wires.device import Device


class Counted:
    """Energies in Wh. What the house has taken follows from the counters of inverter, meter and battery."""

    def __init__(self, twin: Any, battery: Any, meter: Any, device: Device) -> None:
        self._twin, self._battery, self._meter, self._clock = twin, battery, meter, device.clock
        self._began = device.clock()

        def total() -> float:
            return float(twin.energy)

        self._day = SinceMidnight(total, device.clock, 24 * float(twin.rated_power))
        self._month = SinceYear(total, device.clock, months=True)
        self._year = SinceYear(total, device.clock)

    @property
    def yield_today(self) -> float:
        return self._day.look()

    @property
    def yield_month(self) -> float:
        return self._month.look()

    @property
    def yield_year(self) -> float:
        return self._year.look()

    @property
    def string_yield(self) -> float:
        """Each of two strings gave half."""
        return self._sun() / 2

    def _sun(self) -> float:
        """Wh that the sun gave; the terminal of a hybrid counts its battery too."""
        own = getattr(self._twin, "pv_energy", None)
        return float(self._twin.energy) if own is None else float(own)

    @property
    def house_energy_battery(self) -> float:
        return float(self._battery.discharge_energy) if self._battery else 0.0

    @property
    def house_energy_grid(self) -> float:
        return float(self._meter.import_energy) if self._meter else 0.0

    @property
    def house_energy_pv(self) -> float:
        fed_in = float(self._meter.export_energy) if self._meter else 0.0
        stored = float(self._battery.charge_energy) if self._battery else 0.0
        return max(self._sun() - fed_in - stored, 0.0)

    @property
    def house_energy(self) -> float:
        return self.house_energy_battery + self.house_energy_grid + self.house_energy_pv

    @property
    def own_use_rate(self) -> float:
        """Percent of the yield that stayed in the house."""
        made = self._sun()
        return 100.0 * min(self.house_energy_pv / made, 1.0) if made else 0.0

    @property
    def work_time(self) -> float:
        """Seconds since it was switched on."""
        return self._clock() - self._began

    @property
    def battery_cycles(self) -> float | None:
        return float(self._battery.discharge_energy) / float(self._battery.capacity) if self._battery else None

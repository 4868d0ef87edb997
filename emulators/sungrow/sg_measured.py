"""What a Sungrow SG measures beyond the physics of its terminals: MPPT inputs, daily yield, the meter it may have.

Source: Communication Protocol of Residential and Commercial PV Grid-Connected Inverters V1.1.80, input registers.
"""

import math

from emulators.device import Device
from emulators.profile import Facts
from emulators.sungrow.daily import SinceMidnight
from twin.meter import ElectricityMeter
from twin.pv import PvInverter


class Measured:
    """Read-only values; None is what the model does not have."""

    def __init__(self, twin: PvInverter, facts: Facts, device: Device) -> None:
        self._twin, self._facts, self._device = twin, facts.more, device
        self.output_type = int(facts.more["output"])
        self._born = device.clock()
        self._meter: ElectricityMeter | None = None
        self._load = 0.0
        most = 36 * twin.rated_power
        self._yield = SinceMidnight(lambda: float(twin.energy), device.clock, most)
        self._export = SinceMidnight(lambda: self.export_energy or 0.0, device.clock, 10 * most)
        self._import = SinceMidnight(lambda: self.import_energy or 0.0, device.clock, 10 * most)

    def fit_meter(self, grid_power: float) -> None:
        """A meter that sees `grid_power` W now, + import; nothing on models without meter registers."""
        if self._facts["meter"]:
            self._meter = ElectricityMeter(3)
            self._meter.time = self._device.clock()
            self._meter.power = grid_power
            self._load = grid_power + float(self._twin.power)

    def look(self) -> None:
        """Count what flowed through the meter since the last look, and see what flows now."""
        if self._meter is not None:
            self._meter.advance(self._device.clock())
            self._meter.power = self._load - float(self._twin.power)

    @property
    def daily_energy(self) -> float:
        return self._yield.look()

    @property
    def running_hours(self) -> float:
        return 4321 + (self._device.clock() - self._born) / 3600

    @property
    def frequency_word(self) -> float:
        """Tenths of a hertz; a WiNet-S passes hundredths."""
        return float(self._twin.frequency) * (100 if self._facts["winet"] else 10)

    @property
    def voltage_l1(self) -> float | None:
        return self._terminal(self._twin.voltage_l1)

    @property
    def voltage_l2(self) -> float | None:
        return self._terminal(self._twin.voltage_l2)

    @property
    def voltage_l3(self) -> float | None:
        return self._terminal(self._twin.voltage_l3)

    @property
    def grid_power(self) -> float | None:
        """W, + import: three clients read it so, the document gives no sign."""
        return None if self._meter is None else float(self._meter.power)

    @property
    def grid_power_l1(self) -> float | None:
        return self._meter.power_l1 if self._meter else None

    @property
    def grid_power_l2(self) -> float | None:
        return self._meter.power_l2 if self._meter else None

    @property
    def grid_power_l3(self) -> float | None:
        return self._meter.power_l3 if self._meter else None

    @property
    def load_power(self) -> float | None:
        return None if self._meter is None else self._load

    @property
    def export_energy(self) -> float | None:
        return self._meter.export_energy if self._meter else None

    @property
    def import_energy(self) -> float | None:
        return self._meter.import_energy if self._meter else None

    @property
    def daily_export(self) -> float | None:
        return self._export.look() if self._meter else None

    @property
    def daily_import(self) -> float | None:
        return self._import.look() if self._meter else None

    def __getattr__(self, name: str) -> float | None:
        """mppt_<k>_voltage and mppt_<k>_current; inputs that the model does not have are not available."""
        start, _, what = name.rpartition("_")
        if not start.startswith("mppt_") or what not in ("voltage", "current"):
            raise AttributeError(name)
        inputs = int(self._facts["mppts"])
        if int(start[5:]) > inputs:
            return None
        dc_power = float(self._twin.dc_power)
        voltage = float(self._facts["mppt_voltage"]) if dc_power > 0 else 0.0
        return voltage if what == "voltage" else dc_power / inputs / voltage if voltage else 0.0

    def _terminal(self, voltage: float | None) -> float | None:
        """Line to line where no neutral is connected."""
        return voltage if voltage is None or self.output_type != 2 else math.sqrt(3) * voltage

"""What a Sungrow SG measures beyond the physics of its terminals: line voltages, daily energies.

Source: Communication Protocol of Residential and Commercial PV Grid-Connected Inverters V1.1.80, input registers.
"""

import math

from emulators.faces.daily import SinceMidnight, today
from emulators.faces.gridmeter import GridMeter
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.pv import PvInverter


class Measured:
    """Read-only values; None is what the model does not have."""

    def __init__(self, twin: PvInverter, meter: GridMeter, facts: Facts, device: Device) -> None:
        self._twin, self._meter, self._facts, self._device = twin, meter, facts.more, device
        self.output_type = int(facts.more["output"])
        self._born = device.clock()
        most = 36 * twin.rated_power
        self._yield = SinceMidnight(lambda: float(twin.energy), device.clock, most)
        self._export = SinceMidnight(lambda: meter.export_energy or 0.0, device.clock, 10 * most)
        self._import = SinceMidnight(lambda: meter.import_energy or 0.0, device.clock, 10 * most)

    daily_energy = today("_yield")

    @property
    def running_hours(self) -> float:
        return 4321 + (self._device.clock() - self._born) / 3600

    @property
    def daily_minutes(self) -> float:
        """Minutes since midnight, as long as it was on."""
        now = self._device.clock()
        return (now - max(self._born, now // 86400 * 86400)) / 60

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
    def daily_export(self) -> float | None:
        return None if self._meter.grid_power is None else self._export.look()

    @property
    def daily_import(self) -> float | None:
        return None if self._meter.grid_power is None else self._import.look()

    def _terminal(self, voltage: float | None) -> float | None:
        """Line to line where no neutral is connected."""
        return voltage if voltage is None or self.output_type != 2 else math.sqrt(3) * voltage

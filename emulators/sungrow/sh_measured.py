"""What a Sungrow SH measures beyond its physics: power flow bits, the battery without a sign, the meter.

Source: Communication Protocol of Residential and Small Industrial Hybrid Inverter V1.1.16, input registers.
"""

from emulators.faces.daily import SinceMidnight, today
from emulators.faces.gridmeter import HybridMeter
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.battery import BatteryInverter

PV, CHARGING, DISCHARGING, LOAD, FEED_IN, IMPORT = (1 << bit for bit in range(6))


class Measured:
    """Read-only values; None is what the model does not have."""

    def __init__(self, twin: BatteryInverter, facts: Facts, device: Device) -> None:
        self._twin, self._facts = twin, facts.more
        self.output_type = int(facts.more["output"])
        self.battery_voltage = float(facts.more["battery_voltage"])
        self.metered = bool(facts.more["meter"])
        self._meter = HybridMeter(twin, device)
        most = 36 * twin.rated_power
        self._output = SinceMidnight(lambda: float(twin.energy), device.clock, most)
        self._pv = SinceMidnight(lambda: float(twin.pv_energy), device.clock, 2 * most)
        self._charge = SinceMidnight(lambda: float(twin.charge_energy), device.clock, most)
        self._discharge = SinceMidnight(lambda: float(twin.discharge_energy), device.clock, most)
        self._import = SinceMidnight(lambda: float(self._meter.import_energy), device.clock, 10 * most)
        self._export = SinceMidnight(lambda: float(self._meter.export_energy), device.clock, 10 * most)
        told = bool(facts.more["firmware_told"])
        self.inverter_firmware = "SAPPHIRE-H_B001.V000.P005" if told else None
        self.module_firmware = "WINET-SV200.001.00.P028" if told else None
        self.battery_firmware = "SBRBCU-S_22011.01.21" if told else None

    def look(self) -> None:
        self._meter.look()

    @property
    def import_energy(self) -> float | None:
        return self._meter.import_energy if self.metered else None

    @property
    def export_energy(self) -> float | None:
        return self._meter.export_energy if self.metered else None

    daily_output = today("_output")
    daily_pv = today("_pv")
    daily_charge = today("_charge")
    daily_discharge = today("_discharge")

    @property
    def daily_import(self) -> float | None:
        return self._import.look() if self.metered else None

    @property
    def daily_export(self) -> float | None:
        return self._export.look() if self.metered else None

    @property
    def direct_energy(self) -> float | None:
        """Wh of PV that neither went to the grid nor into the battery."""
        export = self.export_energy
        twin = self._twin
        return None if export is None else max(float(twin.pv_energy) - export - float(twin.charge_energy), 0.0)

    @property
    def daily_direct(self) -> float | None:
        export = self.daily_export
        return None if export is None else max(self.daily_pv - export - self.daily_charge, 0.0)

    @property
    def self_consumption(self) -> float | None:
        """Percent of today's PV energy that did not go to the grid."""
        export, produced = self.daily_export, self.daily_pv
        return None if export is None else 100.0 * max(1 - export / produced, 0.0) if produced else 0.0

    @property
    def capacity_in_tenths(self) -> float | None:
        return float(self._twin.capacity) if self._facts["capacity_word"] else None

    @property
    def current_limit(self) -> float:
        """A that the battery takes or gives at most."""
        return float(self._twin.rated_power) / self.battery_voltage

    @property
    def apparent_power(self) -> float:
        return abs(float(self._twin.power))

    @property
    def grid_power(self) -> float | None:
        """W, positive when buying."""
        return float(self._twin.grid_power) if self.metered else None

    @property
    def grid_power_l1(self) -> float | None:
        return self._phase(1)

    @property
    def grid_power_l2(self) -> float | None:
        return self._phase(2)

    @property
    def grid_power_l3(self) -> float | None:
        return self._phase(3)

    @property
    def meter_current_l1(self) -> float | None:
        return self._current(self._phase(1))

    @property
    def meter_current_l2(self) -> float | None:
        return self._current(self._phase(2))

    @property
    def meter_current_l3(self) -> float | None:
        return self._current(self._phase(3))

    @property
    def load_power(self) -> float | None:
        meter = self.grid_power
        return None if meter is None else meter + float(self._twin.power)

    @property
    def battery_power(self) -> float | None:
        """5213, + discharging; old firmware does not have it."""
        return float(self._twin.battery_power) if self._facts["battery_registers"] == "present" else None

    @property
    def signed_battery_current(self) -> float | None:
        power = self.battery_power
        return None if power is None else power / self.battery_voltage

    @property
    def plain_battery_power(self) -> float:
        """13021: the RS gives a sign, the others leave the direction to the flow bits."""
        power = float(self._twin.battery_power)
        return power if self._facts["signed_battery"] else abs(power)

    @property
    def battery_current(self) -> float:
        return self.plain_battery_power / self.battery_voltage

    @property
    def flow_bits(self) -> int:
        battery, grid = float(self._twin.battery_power), self.grid_power or 0.0
        flags = (
            (float(self._twin.pv_power) > 0, PV),
            (battery < 0, CHARGING),
            (battery > 0, DISCHARGING),
            ((self.load_power or 0.0) > 0, LOAD),
            (grid < 0, FEED_IN),
            (grid > 0, IMPORT),
        )
        return sum(bit for held, bit in flags if held)

    def _phase(self, phase: int) -> float | None:
        """Only a three-phase meter knows phases."""
        meter = self.grid_power
        return None if meter is None or self._twin.phases < 3 or phase > 3 else meter / 3

    def _current(self, power: float | None) -> float | None:
        return None if power is None else abs(power) / 230

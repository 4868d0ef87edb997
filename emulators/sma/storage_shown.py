"""What SMA storage systems show: state tags, charge and discharge as two registers, the grid meter's two directions."""

from collections.abc import Callable

from emulators.faces.gridmeter import HybridMeter
from emulators.family.profile import Facts
from emulators.sma import tags
from emulators.wires.device import Device
from twin.battery import BatteryInverter

CHARGE_STATES = {tags.BATTERY_STANDBY: 6, tags.CHARGING: 4, tags.DISCHARGING: 3}  # SunSpec 124 ChaSt


class StorageShown:
    """Readings of a battery inverter. `meter` = "no" in the facts: nobody measures the grid connection."""

    reactive_power = 0.0
    power_factor = 1.0
    grid_relay = tags.RELAY_GRID

    def __init__(self, twin: BatteryInverter, facts: Facts, device: Device, stopped: Callable[[], bool]) -> None:
        self._twin, self._facts, self._device, self._stopped = twin, facts, device, stopped
        self._meter = HybridMeter(twin, device)

    @property
    def health(self) -> int:
        return tags.FAULT if self._twin.status == "fault" else tags.OK

    @property
    def operating_state(self) -> int:
        if self._stopped():
            return tags.OFF
        return tags.STANDBY if self._twin.status == "standby" else tags.ACTIVATED

    @property
    def battery_state(self) -> int:
        watts = float(self._twin.battery_power)
        return tags.BATTERY_STANDBY if not watts else tags.DISCHARGING if watts > 0 else tags.CHARGING

    @property
    def charge_status(self) -> int:
        return CHARGE_STATES[self.battery_state]

    @property
    def charge_power(self) -> float | None:
        return self._part("battery_power", -1)

    @property
    def discharge_power(self) -> float | None:
        return self._part("battery_power", 1)

    @property
    def battery_voltage(self) -> float:
        return float(self._facts.more["battery_volts"])

    @property
    def battery_current(self) -> float:
        return float(self._twin.battery_power) / self.battery_voltage

    @property
    def current_limit(self) -> float:
        return self.max_charge_power / self.battery_voltage

    @property
    def unix_time(self) -> float:
        return self._device.clock()

    @property
    def max_charge_power(self) -> float:
        """W that the battery takes; what it gives is the same."""
        return float(self._facts.more["charge_share"]) * self._twin.rated_power

    max_discharge_power = max_charge_power

    @property
    def grid_import(self) -> float | None:
        return self._part("grid_power", 1) if self._facts.more["meter"] == "yes" else None

    @property
    def grid_export(self) -> float | None:
        return self._part("grid_power", -1) if self._facts.more["meter"] == "yes" else None

    @property
    def grid_import_energy(self) -> float | None:
        self._meter.look()
        return self._meter.import_energy if self._facts.more["meter"] == "yes" else None

    @property
    def grid_export_energy(self) -> float | None:
        self._meter.look()
        return self._meter.export_energy if self._facts.more["meter"] == "yes" else None

    @property
    def grid_phase_import(self) -> float | None:
        return self._third(self.grid_import)

    @property
    def grid_phase_export(self) -> float | None:
        return self._third(self.grid_export)

    @property
    def grid_phase_current(self) -> float | None:
        """A in every phase of the connection, in either direction; the phases share evenly."""
        imported, exported, volts = self.grid_import, self.grid_export, self.grid_voltage
        return None if imported is None or exported is None or not volts else (imported + exported) / 3 / volts

    @property
    def grid_voltage(self) -> float | None:
        return self._twin.voltage_l1 if self._facts.more["meter"] == "yes" else None

    @property
    def grid_frequency(self) -> float | None:
        return self._twin.frequency if self._facts.more["meter"] == "yes" else None

    @property
    def connection_bits(self) -> int:
        return 0 if self._stopped() else 0b111

    @property
    def ac_type(self) -> int:
        return 2 if self._twin.phases == 3 else 0

    @property
    def dc_power(self) -> float:
        return float(self._twin.pv_power)

    @staticmethod
    def _third(watts: float | None) -> float | None:
        return None if watts is None else watts / 3

    def _part(self, quantity: str, sign: int) -> float | None:
        """The part of a signed quantity in one direction, as a fault may have it."""
        value = self._device.faults.view(quantity, getattr(self._twin, quantity))
        return None if value is None else max(sign * float(value), 0.0)

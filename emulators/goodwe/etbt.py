"""GoodWe ET and BT: EMS power modes, which stand until they are changed, minimum SoC and export limit.

Source: the clients named in the family file. The modes that move grid power (import, export, buy, sell) are taken as a
power of the inverter's AC terminal; "charge PV" (2) and "charge battery" (11) charge with the set power, "discharge PV"
(3) and "discharge battery" (12) discharge with it. No watchdog is known. Assumed: 3 for values that are no mode.
"""

from emulators.device import Device
from emulators.gridmeter import HybridMeter
from emulators.profile import Facts
from emulators.settings import kept, one_of, within
from emulators.terminals import BatteryTerminals, DcInputs
from twin.battery import BatteryInverter

AUTO, CHARGE_PV, DISCHARGE_PV, IMPORT_AC, EXPORT_AC = 1, 2, 3, 4, 5
CONSERVE, OFF_GRID, STANDBY, BUY, SELL, CHARGE, DISCHARGE, STOPPED = 6, 7, 8, 9, 10, 11, 12, 0xFF
MODES = (*range(AUTO, DISCHARGE + 1), STOPPED)
CHARGING, DISCHARGING = (CHARGE_PV, IMPORT_AC, BUY, CHARGE), (DISCHARGE_PV, EXPORT_AC, SELL, DISCHARGE)
HOLDING = (CONSERVE, STANDBY, STOPPED)


class EtBt:
    """Settings as written; a BT has no PV inputs, its registers for them are 0."""

    def __init__(self, twin: BatteryInverter, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        self.model_name = str(facts.more["string"]).ljust(10)  # with blanks, not zeros
        self.serial_number = str(facts.more["serial"])
        inputs = int(facts.more["inputs"]) if facts.more["pv"] else 0
        self._further = inputs > 2
        self._inputs = DcInputs(lambda: float(twin.pv_power), inputs, float(facts.more["pv_voltage"]))
        if not inputs:  # there is no PV to speak of
            vars(twin)["quantities"] = tuple(name for name in twin.quantities if name != "pv_power")
        self._meter = HybridMeter(twin, device.clock)
        self.parts = (self._meter, self._inputs, BatteryTerminals(twin, float(facts.more["battery_voltage"])))
        self._born = device.clock()
        self._metered = bool(facts.more["meter"])
        self._mode, self._power = AUTO, 0.0
        self._lowest, self._protected = 10.0, 0
        self.application = 0
        self._feed_on, self._feed_limit = False, twin.rated_power
        self.operator = {"power-cycle": self.reboot, "remove-meter": self.remove_meter}
        self._apply()

    def reboot(self) -> None:
        if not self._facts["mode_survives"]:
            self._mode, self._power = AUTO, 0.0
        self._apply()

    def remove_meter(self) -> None:
        """Take the meter away; its registers go blank."""
        self._metered = False
        self._twin.demand = None
        self._apply()

    def asked(self, function: int, address: int, count: int) -> None:
        self._meter.look()
        if self._feed_on:
            self._limit()

    # settings

    ems_mode = kept("_mode", one_of, *MODES)
    ems_power = kept("_power")  # more than the rating is taken and cut
    lowest_soc = kept("_lowest", within, 0, 100)
    soc_protection = kept("_protected")  # 1 stops the protection: the battery may be emptied

    @property
    def feed_enable(self) -> int:
        return int(self._feed_on)

    @feed_enable.setter
    def feed_enable(self, on: int) -> None:
        self._feed_on = bool(on)
        self._apply()

    feed_limit = kept("_feed_limit")

    # measurements

    @property
    def pv_modes(self) -> int:
        return 0x0202 if self._inputs.pv_input else 0

    @property
    def grid_power(self) -> float | None:
        return float(self._twin.grid_power) if self._metered else None

    @property
    def grid_phase(self) -> float | None:
        power = self.grid_power
        return None if power is None else power / 3

    @property
    def grid_current(self) -> float | None:
        power = self.grid_phase
        return None if power is None else abs(power) / self._twin.voltage_l1

    @property
    def meter_status(self) -> int:
        return int(self._metered)

    @property
    def meter_test(self) -> int:
        return 0x111 if self._metered else 0

    @property
    def meter_import(self) -> float:
        return self._meter.import_energy

    @property
    def meter_export(self) -> float:
        return self._meter.export_energy

    @property
    def load_power(self) -> float | None:
        grid = self.grid_power
        return None if grid is None else grid + float(self._twin.power)

    @property
    def load_phase(self) -> float | None:
        load = self.load_power
        return None if load is None else load / 3

    @property
    def further_input(self) -> float | None:
        """W of the third and of the fourth input, where there are four."""
        return self._inputs.pv_input if self._further else None

    @property
    def further_voltage(self) -> float | None:
        return self._inputs.pv_voltage if self._further else None

    @property
    def further_current(self) -> float | None:
        return self._inputs.pv_current if self._further else None

    @property
    def battery_mode(self) -> int:
        power = float(self._twin.battery_power)
        return 3 if power < 0 else 2 if power > 0 else 1

    @property
    def work_mode(self) -> int:
        return {"off": 0, "standby": 0, "starting": 5, "fault": 3}.get(self._twin.status, 1)

    @property
    def hours(self) -> float:
        return 1234 + (self._device.clock() - self._born) / 3600

    def _apply(self) -> None:
        twin, power = self._twin, min(self._power, self._twin.rated_power)
        twin.soc_min = 0.0 if self._protected else self._lowest
        if self._mode in CHARGING:
            twin.battery_setpoint = -power
        elif self._mode in DISCHARGING:
            twin.battery_setpoint = power
        else:
            twin.battery_setpoint = 0.0 if self._mode in HOLDING else None
        self._limit()

    def _limit(self) -> None:
        watts = self._twin.rated_power
        if self._feed_on:
            watts = min(watts, max(self.load_power or 0.0, 0.0) + max(self._feed_limit, 0.0))
        if watts != self._twin.power_limit:
            self._twin.power_limit = watts

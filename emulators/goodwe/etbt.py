"""GoodWe ET and BT: EMS power modes, which stand until they are changed, eco mode, minimum SoC and export limit.

Source: the clients named in the family file. The EMS modes are those of the maker's table 8-16, which goodwe
(goodwe/inverter.py) and OpenEMS (EmsPowerMode.java) repeat: "charge PV" and "import AC" charge with all PV and the set
power from the grid, "export AC" moves the AC terminal, "buy" and "sell" the grid power, "charge battery", "discharge
battery" and "discharge PV" the battery itself. No watchdog is known. Assumed: 3 for values that are no mode.
"""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from emulators.faces.gridmeter import HybridMeter
from emulators.faces.settings import kept, one_of, within
from emulators.faces.terminals import BatteryTerminals, DcInputs
from emulators.faces.today import Today
from emulators.family.profile import Facts
from emulators.table.words import Words
from emulators.wires.device import Device
from twin.battery import BatteryInverter

AUTO, CHARGE_PV, DISCHARGE_PV, IMPORT_AC, EXPORT_AC = 1, 2, 3, 4, 5
CONSERVE, OFF_GRID, STANDBY, BUY, SELL, CHARGE, DISCHARGE, STOPPED = 6, 7, 8, 9, 10, 11, 12, 0xFF
MODES = (*range(AUTO, DISCHARGE + 1), STOPPED)
GENERAL, ECO = 0, 3  # application work modes
COUNTED = ("energy", "pv_energy", "charge_energy", "discharge_energy")


class EtBt:
    """Settings as written; a BT has no PV inputs, its registers for them are 0."""

    def __init__(self, twin: BatteryInverter, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        self.model_name = str(facts.more["string"]).ljust(10)  # with blanks, not zeros
        serial = str(facts.more["serial"])
        self.serial_number = f"{serial[:5]}XNU{serial[8:]}" if facts.more["series"] == "new" else serial
        inputs = int(facts.more["inputs"]) if facts.more["pv"] else 0
        self._inputs_count, self._further = inputs, inputs > 2
        self._inputs = DcInputs(lambda: float(twin.pv_power), inputs, float(facts.more["pv_voltage"]))
        if not inputs:  # there is no PV to speak of
            vars(twin)["quantities"] = tuple(name for name in twin.quantities if name != "pv_power")
        self._meter = HybridMeter(twin, device)
        self._words = Words(0, **{f"word_{address}": value for address, value in facts.more["factory"]})
        counters: dict[str, Callable[[], float]] = {name: partial(getattr, twin, name) for name in COUNTED}
        counters |= {name: partial(getattr, self, name) for name in ("meter_import", "load_energy")}
        today = Today(counters, device.clock)
        self.parts = (
            self._meter, self._inputs, BatteryTerminals(twin, float(facts.more["battery_voltage"])), self._words,
            today,
        )  # fmt: skip
        self._born = device.clock()
        self._metered = bool(facts.more["meter"])
        self._mode, self._power = AUTO, 0.0
        self._lowest, self._protected = 10.0, 0
        self._application = GENERAL
        self._feed_on, self._feed_limit = False, twin.rated_power
        self._seen = math.nan, 0.0  # grid power, and what the house drew with it
        self.operator = {"power-cycle": self.reboot, "remove-meter": self.remove_meter}
        device.settle = self.settle
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
        self._follow()

    def settle(self, now: float) -> None:
        """Come to `now`, then follow what has changed of sun, load and time."""
        self._twin.advance(now)
        self._follow()

    # settings

    application = kept("_application", within, 0, 10)
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
    def load_energy(self) -> float:
        return max(self._twin.energy + self._meter.import_energy - self._meter.export_energy, 0.0)

    @property
    def further_input(self) -> float:
        """W of the third and of the fourth input; without them their registers are 0, as recorded."""
        return self._inputs.pv_input if self._further else 0.0

    @property
    def further_voltage(self) -> float:
        return self._inputs.pv_voltage if self._further else 0.0

    @property
    def further_current(self) -> float:
        return self._inputs.pv_current if self._further else 0.0

    @property
    def year_month(self) -> int:
        now = self._now
        return now.year % 100 << 8 | now.month

    @property
    def day_hour(self) -> int:
        now = self._now
        return now.day << 8 | now.hour

    @property
    def minute_second(self) -> int:
        now = self._now
        return now.minute << 8 | now.second

    @property
    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._device.clock(), UTC)

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

    # what it comes to

    def _apply(self) -> None:
        self._twin.soc_min = 0.0 if self._protected else self._lowest
        self._follow()

    def _follow(self) -> None:
        wanted, watts = self._wanted(), self._ceiling()
        if wanted != self._twin.battery_setpoint:
            self._twin.battery_setpoint = wanted
        if watts != self._twin.power_limit:
            self._twin.power_limit = watts

    def _wanted(self) -> float | None:
        """W from the battery, None for its own regulation."""
        mode, power = self._mode, min(self._power, self._twin.rated_power)
        if mode == AUTO:
            return self._eco()
        if mode in (CHARGE_PV, IMPORT_AC):
            return -power - self._sun
        if mode in (CONSERVE, OFF_GRID):
            return -self._sun
        if mode == EXPORT_AC:
            return max(power - self._sun, 0.0)
        if mode in (BUY, SELL):
            return self._house - self._sun + (power if mode == SELL else -power)
        return {CHARGE: -power, DISCHARGE: power, DISCHARGE_PV: power}.get(mode, 0.0)

    def _eco(self) -> float | None:
        """What the first eco schedule wants while it holds: percent of the rating, negative charges up to its SoC."""
        if self._application != ECO:
            return None
        start, end, days, percent, soc = (int(getattr(self._words, f"word_{47547 + k}")) for k in range(5))
        now = self._now
        minutes = now.hour << 8 | now.minute
        if days >> 8 != 0xFF or not days >> (now.weekday() + 1) % 7 & 1 or not start <= minutes <= end:
            return None
        share = (percent ^ 0x8000) - 0x8000
        if share < 0 and self._twin.soc >= soc:
            return 0.0
        return share / 100 * self._twin.rated_power

    @property
    def _sun(self) -> float:
        """W that the PV inputs offer."""
        return float(self._twin.held.get("pv_power", self._twin.pv_available)) if self._inputs_count else 0.0

    @property
    def _house(self) -> float:
        """W that the house draws, as the meter and the inverter see it."""
        if not self._metered:
            return 0.0
        if self._twin.demand is not None:
            return self._twin.demand
        grid = float(self._twin.grid_power)
        if grid != self._seen[0]:  # what the inverter changes by itself is no change of the house
            self._seen = grid, grid + float(self._twin.power)
        return self._seen[1]

    def _ceiling(self) -> float:
        """Highest power of the AC terminal."""
        watts = self._twin.rated_power
        if self._mode == STOPPED:
            return 0.0
        if self._mode == EXPORT_AC:
            watts = min(watts, self._power)
        if self._feed_on:
            watts = min(watts, max(self._house, 0.0) + max(self._feed_limit, 0.0))
        return watts

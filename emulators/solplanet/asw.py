"""Solplanet ASW..H: run modes, a charge power that counts in custom mode only, and a power limit with its own enable.

Source: the scan and the clients named in the family file. Traps: 1152 is taken and kept in every mode, 5402 echoes what
was written while 4000 is 0. No watchdog is known. In the reserve mode (3) the battery is taken to charge and keep.
"""

from emulators.faces.daily import SinceMidnight, today
from emulators.faces.settings import kept, one_of, switch, within
from emulators.faces.terminals import BatteryTerminals, DcInputs
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.battery import BatteryInverter

SELF_CONSUMPTION, RESERVE, CUSTOM, TIME_OF_USE = 2, 3, 4, 5
WAITING, NORMAL, FAULT, CHECKING = 0, 1, 2, 4
STATES = {
    "off": WAITING, "standby": WAITING, "starting": CHECKING, "running": NORMAL, "limited": NORMAL, "fault": FAULT,
}  # fmt: skip
STOP, CHARGE, DISCHARGE = 1, 2, 3
MOST = 10_000  # W, range of 1152


class Asw:
    """Settings as written; what they add up to goes to the twin."""

    def __init__(self, twin: BatteryInverter, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        self.model_name = str(facts.more["string"])
        self.machine_type = facts.name if facts.more["named"] else ""
        self.serial_number, self.firmware = "SP00100123456017", "V610-05001-19"
        inputs = DcInputs(lambda: float(twin.pv_power), int(facts.more["mppts"]), float(facts.more["mppt_voltage"]))
        self.parts = (inputs, BatteryTerminals(twin, float(facts.more["battery_voltage"])))
        self._born = device.clock()
        self._mode, self._power = SELF_CONSUMPTION, 0.0
        self._highest, self._lowest = 100.0, 10.0
        self._limited, self._limit = False, 100.0
        self._yield = SinceMidnight(lambda: twin.energy, device.clock)
        self._charge = SinceMidnight(lambda: twin.charge_energy, device.clock)
        self._discharge = SinceMidnight(lambda: twin.discharge_energy, device.clock)
        self._metered = bool(facts.more["meter"])
        self.operator = {"power-cycle": self.reboot}
        self._apply()

    def reboot(self) -> None:
        if not self._facts["mode_survives"]:
            self._mode, self._power = SELF_CONSUMPTION, 0.0
        self._apply()

    # settings

    run_mode = kept("_mode", one_of, SELF_CONSUMPTION, RESERVE, CUSTOM, TIME_OF_USE)
    custom_power = kept("_power", within, -MOST, MOST)  # W, positive when discharging
    highest_soc = kept("_highest", within, 0, 100)
    lowest_soc = kept("_lowest", within, 0, 100)
    limit_enable = switch("_limited")
    limit_percent = kept("_limit", within, 0, 100)

    # measurements

    @property
    def charge_flag(self) -> int:
        power = self._power if self._mode == CUSTOM else 0.0
        return CHARGE if power < 0 else DISCHARGE if power > 0 else STOP

    @charge_flag.setter
    def charge_flag(self, flag: int) -> None:
        """A status: what is written to it has no effect."""

    @property
    def state_code(self) -> int:
        return STATES[self._twin.status]

    @property
    def battery_status(self) -> int:
        """1 idle, 2 charging, 3 discharging."""
        power = float(self._twin.battery_power)
        return 2 if power < 0 else 3 if power > 0 else 1

    @property
    def apparent_power(self) -> float:
        return abs(float(self._twin.power))

    @property
    def grid_power(self) -> float | None:
        """W, positive when importing."""
        return float(self._twin.grid_power) if self._metered else None

    @property
    def hours(self) -> float:
        return 2345 + (self._device.clock() - self._born) / 3600

    daily_energy = today("_yield")
    daily_charge = today("_charge")
    daily_discharge = today("_discharge")

    def _apply(self) -> None:
        twin = self._twin
        twin.soc_max, twin.soc_min = self._highest, self._lowest
        twin.power_limit = twin.rated_power * (self._limit / 100 if self._limited else 1.0)
        if self._mode == CUSTOM:
            twin.battery_setpoint = self._power
        elif self._mode == RESERVE:
            twin.battery_setpoint = -twin.rated_power
        else:
            twin.battery_setpoint = None

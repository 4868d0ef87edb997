"""Huawei SUN2000: derating, feed-in limit at the meter, login, and the busy time after a restart.

Source: huawei-solar-lib and the clients named in the family file; no vendor text was at hand. Assumed: of the two
deratings (percent, watts) the one written last counts; without a meter the feed-in limit acts at the AC terminals.
"""

import math

from emulators.faces.daily import SinceMidnight, today
from emulators.faces.gridmeter import GridMeter
from emulators.faces.settings import kept, one_of, within
from emulators.faces.terminals import DcInputs
from emulators.family.profile import Facts
from emulators.huawei.identification import Identification, Login, description
from emulators.huawei.local_time import LocalTime
from emulators.huawei.remembered import Remembered
from emulators.huawei.storage import Storage
from emulators.table.answers import Busy, IllegalValue, PermissionDenied
from emulators.wires.device import Device
from twin.pv import PvInverter

UNLIMITED, ZERO_EXPORT, LIMIT_WATTS, LIMIT_PERCENT = 0, 5, 6, 7
MODES = (UNLIMITED, 1, ZERO_EXPORT, LIMIT_WATTS, LIMIT_PERCENT)
STATUS = {
    "off": 0x0301, "standby": 0xA000, "starting": 0x0100, "running": 0x0200, "limited": 0x0201, "fault": 0x0300,
}  # fmt: skip
STATE_BITS = {"off": 0x100, "standby": 0x1, "starting": 0x1, "running": 0x6, "limited": 0xE, "fault": 0x40}
WRITES = (6, 16)
HEARTBEAT = 49999
VERSION = "V100R001C00SPC154"
STARTS = {42900: 1, 43006: 60, 42055: 15, 47102: 10.0, 47675: 10000.0}


class Sun2000(LocalTime):
    """Settings as written; the limit they leave goes to the twin in W."""

    def __init__(self, twin: PvInverter, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        self.model_name = str(facts.more["string"])
        self.serial_number = str(facts.more.get("serial", "HV2190012345"))
        self.strings = int(facts.more["strings"])
        self.highest_power = twin.most = float(facts.more["highest"]) * twin.rated_power
        self._meter, self._storage = GridMeter(twin, device), Storage(facts, device)
        inputs = DcInputs(lambda: float(twin.dc_power), self.strings, float(facts.more["string_voltage"]), "string")
        self.parts = (self._meter, self._storage, inputs, Remembered(STARTS))
        told = description(self.model_name, VERSION, self.serial_number, device.unit)
        login = Login(str(facts.more["password"]), self.log_in)
        self.private = {0x2B: Identification("SUN2000", VERSION, lambda: [told]).answer, 0x41: login.answer}
        self._ahead = 3600.0  # its clock shows local time
        self._derating = twin.power_limit = self.highest_power
        self._mode = UNLIMITED
        self._feed_in_watts, self._feed_in_permille = self.highest_power, 1000.0
        self._stopped = False
        self._logged_in = not facts.more["login"]
        self._busy_until = 0.0
        self._peak = 0.0
        self._today = SinceMidnight(lambda: twin.energy, device.clock, 36 * twin.rated_power)
        self.operator = {"fit-meter": self.fit_meter, "login": self.log_in, "power-cycle": self.reboot}

    # what only a person does

    def fit_meter(self, grid_power: float = 0.0) -> None:
        """Wire a DTSU666 at the grid connection, where `grid_power` W (+ import) flow now."""
        self._meter.fit(grid_power)
        self._apply()

    def log_in(self) -> None:
        """Log in as installer; the session lasts as long as its heartbeat."""
        self._logged_in = True
        self._keep_session()

    def reboot(self) -> None:
        """A restart: login and, by default, derating are gone; the settings of 47xxx stay."""
        self._logged_in = not self._facts["login"]
        self._stopped = False
        if not self._facts["limit_survives"]:
            self._derating = self.highest_power
        self._busy_until = self._device.clock() + float(self._facts["busy_seconds"])
        self._apply()

    def asked(self, function: int, address: int, count: int) -> None:
        """Busy after a restart; writes need the login where the firmware wants one."""
        now = self._device.clock()
        if now < self._busy_until:
            raise Busy
        self._meter.look()
        self._storage.look()
        self._peak = max(self._peak, float(self._twin.power))
        if function in WRITES and not self._logged_in and address != HEARTBEAT:
            raise PermissionDenied

    # settings

    @property
    def derating_permille(self) -> float:
        return min(1000 * self._derating / self._twin.rated_power, 1000.0)

    @derating_permille.setter
    def derating_permille(self, permille: float) -> None:
        if not 0 <= permille <= 1000:
            raise IllegalValue(f"derating {permille} permille")
        self._derating = permille / 1000 * self._twin.rated_power
        self._apply()

    @property
    def derating_power(self) -> float:
        return self._derating

    @derating_power.setter
    def derating_power(self, watts: float) -> None:
        if watts > self.highest_power:
            raise IllegalValue(f"derating {watts} W")
        self._derating = watts
        self._apply()

    control_mode = kept("_mode", one_of, *MODES)

    @property
    def feed_in_power(self) -> float:
        return self._feed_in_watts

    @feed_in_power.setter
    def feed_in_power(self, watts: float) -> None:
        if not -1000 <= watts <= self.highest_power:
            raise IllegalValue(f"feed-in {watts} W")
        self._feed_in_watts = watts
        self._apply()

    feed_in_permille = kept("_feed_in_permille", within, -1000, 1000)  # of Pmax, not of the rated power

    @property
    def startup(self) -> int:
        return 0

    @startup.setter
    def startup(self, _: int) -> None:
        self._stopped = False
        self._apply()

    @property
    def shutdown(self) -> int:
        return 0

    @shutdown.setter
    def shutdown(self, _: int) -> None:
        self._stopped = True
        self._apply()

    @property
    def login_heartbeat(self) -> int:
        return 0

    @login_heartbeat.setter
    def login_heartbeat(self, _: int) -> None:
        if self._logged_in:
            self._keep_session()

    # what follows

    @property
    def device_status(self) -> int:
        return 0x0301 if self._stopped else STATUS[self._twin.status]

    @property
    def state_bits(self) -> int:
        return 0x100 if self._stopped else STATE_BITS[self._twin.status]

    @property
    def line_voltage(self) -> float | None:
        return math.sqrt(3) * self._twin.voltage_l1 if self._twin.phases == 3 else None

    @property
    def peak_power(self) -> float:
        return self._peak

    @property
    def dc_energy(self) -> float:
        return self._twin.energy / 0.97

    daily_energy = today("_today")

    @property
    def meter_status(self) -> int:
        return 0 if self._meter.grid_power is None else 1

    @property
    def meter_voltage(self) -> float | None:
        return self._if_metered(self._twin.voltage_l1)

    @property
    def meter_frequency(self) -> float | None:
        return self._if_metered(self._twin.frequency)

    @property
    def meter_factor(self) -> float | None:
        return self._if_metered(1.0)

    @property
    def meter_zero(self) -> float | None:
        return self._if_metered(0.0)

    @property
    def meter_phase_power(self) -> float | None:
        return self._meter.phase_power

    @property
    def meter_phase_current(self) -> float | None:
        power = self._meter.phase_power
        return None if power is None else power / self._twin.voltage_l1

    def _if_metered(self, value: float) -> float | None:
        return None if self._meter.grid_power is None else value

    def _keep_session(self) -> None:
        if self._facts["login"]:
            seconds = float(self._facts["login_seconds"])
            self._twin.at("login", self._device.clock() + seconds, self._log_out)

    def _log_out(self) -> None:
        self._logged_in = False

    def _apply(self) -> None:
        watts = self._derating
        feed_in = {
            ZERO_EXPORT: 0.0,
            LIMIT_WATTS: self._feed_in_watts,
            LIMIT_PERCENT: self._feed_in_permille / 1000 * self.highest_power,
        }.get(self._mode)
        if feed_in is not None:
            watts = min(watts, max(feed_in + (self._meter.load_power or 0.0), 0.0))
        self._twin.power_limit = 0.0 if self._stopped else watts

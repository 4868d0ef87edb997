"""StorEdge: the battery block at 0xE100 and storage control at 0xE004, with the remote mode's own time-out.

Source: WillCodeForCats/solaredge-modbus-multi:const.py; evcc-io/evcc:templates/definition/meter/solaredge-hybrid.yaml;
openWB/core:packages/modules/devices/solaredge/solaredge/bat.py.
"""

from emulators.family.profile import Facts
from emulators.table.answers import DeviceFailure
from emulators.wires.device import Device
from twin.battery import BatteryInverter
from twin.hybrid import HybridInverter

REMOTE = 4  # storage control mode that obeys the remote command
OFF, CLIPPED, PV, PV_AND_AC, EXPORT, IMPORT, SELF_CONSUMPTION = 0, 1, 2, 3, 4, 5, 7
STATES = {"idle": 7, "charge": 3, "discharge": 4}


class StorEdge:
    """Storage control. `default_storage_timeout` s and the factory modes come from the family file."""

    def __init__(self, battery: BatteryInverter, inverter: HybridInverter, facts: Facts, device: Device) -> None:
        self._battery, self._inverter, self._clock = battery, inverter, device.clock
        self._mode = int(facts.more["storage_mode"])
        self._default = SELF_CONSUMPTION
        self._command = SELF_CONSUMPTION
        self._timeout = int(facts.more["default_storage_timeout"])
        self._charge = self._discharge = float(battery.rated_power)
        self._expired = False
        self.ac_charge_policy, self.ac_charge_limit, self.backup_reserve = 1, 0.0, 0.0

    @property
    def storage_mode(self) -> int:
        return self._mode

    @storage_mode.setter
    def storage_mode(self, mode: int) -> None:
        self._mode = _one_of(mode, (0, 1, 2, 3, REMOTE))
        self._feed()

    @property
    def default_mode(self) -> int:
        return self._default

    @default_mode.setter
    def default_mode(self, mode: int) -> None:
        self._default = _one_of(mode, (OFF, CLIPPED, PV, PV_AND_AC, EXPORT, IMPORT, SELF_CONSUMPTION))
        self._feed()

    @property
    def remote_mode(self) -> int:
        return self._command

    @remote_mode.setter
    def remote_mode(self, mode: int) -> None:
        self._command = _one_of(mode, (OFF, CLIPPED, PV, PV_AND_AC, EXPORT, IMPORT, SELF_CONSUMPTION))
        self._feed()

    @property
    def remote_timeout(self) -> int:
        return self._timeout

    @remote_timeout.setter
    def remote_timeout(self, seconds: int) -> None:
        if not 0 <= seconds <= 86_400:
            raise DeviceFailure(f"time-out {seconds} s")
        self._timeout = seconds
        self._feed()

    @property
    def charge_limit(self) -> float:
        return self._charge

    @charge_limit.setter
    def charge_limit(self, watts: float) -> None:
        self._charge = _not_negative(watts)
        self._feed()

    @property
    def discharge_limit(self) -> float:
        return self._discharge

    @discharge_limit.setter
    def discharge_limit(self, watts: float) -> None:
        self._discharge = _not_negative(watts)
        self._feed()

    @property
    def battery_state(self) -> int:
        watts = float(self._battery.battery_power)
        return STATES["idle" if not watts else "discharge" if watts > 0 else "charge"]

    @property
    def available_energy(self) -> float:
        return self._battery.soc / 100 * self._battery.capacity

    @property
    def battery_current(self) -> float:
        """A at 400 V, charging positive."""
        return -float(self._battery.battery_power) / 400.0

    def restart(self) -> None:
        """Storage settings are stored; the remote command runs into its time-out anew."""
        self._feed()

    def _feed(self) -> None:
        self._expired = False
        if self._mode == REMOTE and self._timeout:
            self._battery.at("storage time-out", self._clock() + self._timeout, self._expire)
        else:
            self._battery.cancel("storage time-out")
        self._obey()

    def _expire(self) -> None:
        self._expired = True
        self._obey()

    def _obey(self) -> None:
        battery = self._battery
        charge, discharge = self._charge, self._discharge
        command = SELF_CONSUMPTION
        if self._mode == 0:
            command = OFF
        elif self._mode == REMOTE:
            command = self._default if self._expired else self._command
        else:
            charge = discharge = battery.rated_power
        battery.max_charge, battery.max_discharge = charge, discharge
        battery.grid_charge = True
        if command in (OFF, CLIPPED):
            battery.battery_setpoint = 0.0
        elif command == PV:
            battery.battery_setpoint = -min(charge, max(self._inverter.sun_power, 0.0))
        elif command == PV_AND_AC:
            battery.battery_setpoint = -charge
        elif command == EXPORT:
            battery.battery_setpoint = discharge
        else:
            if command == IMPORT:
                battery.max_charge = 0.0
            battery.battery_setpoint = None


def _one_of(mode: int, allowed: tuple[int, ...]) -> int:
    if mode not in allowed:
        raise DeviceFailure(f"mode {mode}")
    return mode


def _not_negative(watts: float) -> float:
    if watts < 0:
        raise DeviceFailure(f"limit {watts} W")
    return watts

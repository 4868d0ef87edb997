"""SAX Power Home: limits at unit 64, a setpoint with time-out at unit 100, both locked until the maker unlocks them.

Source: the vendor's SUNSPEC-mode document for unit 100, clients for unit 64. A lost controller is answered by the
device's own regulation to the smart meter. Function 6 is acknowledged without effect on the limits, as clients found.
"""

from emulators.faces.terminals import BatteryOffers
from emulators.family.profile import Facts
from emulators.table.answers import DeviceFailure, IllegalAddress, IllegalValue, Silence
from emulators.wires.device import Device
from twin.battery import BatteryInverter

OFFSET = 16384
OFF, ON, CONNECTED = 1, 2, 3
REGULATION, SETPOINT = 0, 1
HARDWARE = 15  # event
COMMANDS = (41, 42, 43, 44, 49, 50, 51, 40049, 40050, 40051)


class Home:
    """One storage with its external meter."""

    def __init__(self, twin: BatteryInverter, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        self.serial_number = int(facts.more["serial"])
        self._locked = bool(facts.more["locked"])
        self._metered = bool(facts.more["meter"])
        self._on = True
        self._function = 0
        self._mode, self._percent = REGULATION, 0.0
        self._seconds = float(facts.more["setpoint_seconds"])
        self._refreshing_until = 0.0
        self._watts, self.basic_cos_phi = 0.0, 1.0
        self.parts = (BatteryOffers(twin),)
        self.operator = {
            "unlock": self.unlock,
            "power-cycle": self.reboot,
            "refresh-display": self.refresh_display,
            "remove-meter": self.remove_meter,
        }
        self._apply()

    def unlock(self) -> None:
        """The maker's support opens external control."""
        self._locked = False

    def remove_meter(self) -> None:
        """Without its meter the storage has nothing to regulate to."""
        self._metered = False
        self._twin.demand = None
        self._twin.changed()

    def refresh_display(self, seconds: float = 2.0) -> None:
        """The e-paper display is drawn anew: the interface does not answer for 1 to 3 s."""
        self._refreshing_until = self._device.clock() + seconds

    def reboot(self) -> None:
        """Commands are gone; what the maker unlocked stays."""
        self._seconds = float(self._facts["setpoint_seconds"])
        self._watts = 0.0
        self._lift_limits()
        self._regulate()

    def asked(self, function: int, address: int, count: int) -> None:
        if self._device.clock() < self._refreshing_until:
            raise Silence
        if self._facts["joint_read"] and function == 3 and address in (46, 47) and (address, count) != (46, 2):
            raise IllegalAddress(address)
        self._function = function
        if self._locked and function in (6, 16) and address in COMMANDS and self._facts["locked_reply"] == "exception":
            raise DeviceFailure("locked")

    # unit 64

    @property
    def discharge_limit(self) -> float:
        return self._twin.max_discharge

    @discharge_limit.setter
    def discharge_limit(self, watts: float) -> None:
        if self._obeys() and self._function == 16:
            self._twin.max_discharge = watts
            self._watch_limits()

    @property
    def charge_limit(self) -> float:
        return self._twin.max_charge

    @charge_limit.setter
    def charge_limit(self, watts: float) -> None:
        if self._obeys() and self._function == 16:
            self._twin.max_charge = watts
            self._watch_limits()

    @property
    def basic_setpoint(self) -> float:
        """W, positive when discharging."""
        return self._watts

    @basic_setpoint.setter
    def basic_setpoint(self, watts: float) -> None:
        if self._obeys():
            self._watts = watts
            seconds = float(self._facts["limit_seconds"])
            self._twin.at("basic setpoint", self._device.clock() + seconds, self._forget_watts)
            self._apply()

    def _forget_watts(self) -> None:
        self._twin.cancel("basic setpoint")
        self._watts = 0.0
        self._apply()

    @property
    def switch_state(self) -> int:
        return OFF if not self._on else CONNECTED if self._twin.battery_power else ON

    @switch_state.setter
    def switch_state(self, state: int) -> None:
        if state not in (OFF, ON):
            raise IllegalValue(f"switch {state}")
        self._on = state == ON
        self._apply()

    @property
    def offset_power(self) -> float:
        """W + 16384, positive when discharging."""
        return float(self._twin.battery_power) + OFFSET

    @property
    def offset_grid_power(self) -> float:
        """W + 16384, positive when importing."""
        return (self.grid_power or 0.0) + OFFSET

    # unit 100

    @property
    def control_mode(self) -> int:
        return self._mode

    @control_mode.setter
    def control_mode(self, mode: int) -> None:
        if mode not in (REGULATION, SETPOINT):
            raise IllegalValue(f"mode {mode}")
        if self._obeys():
            self._mode = mode
            if mode == REGULATION:
                self._regulate()
            self._watch_setpoint()

    @property
    def setpoint_percent(self) -> float:
        """% of the reference power, positive when discharging."""
        return self._percent

    @setpoint_percent.setter
    def setpoint_percent(self, percent: float) -> None:
        if not -100 <= percent <= 100:
            raise IllegalValue(f"setpoint {percent} %")
        if self._obeys():
            self._percent = percent
            self._watch_setpoint()

    @property
    def setpoint_seconds(self) -> float:
        return self._seconds

    @setpoint_seconds.setter
    def setpoint_seconds(self, seconds: float) -> None:
        if seconds > float(self._facts["setpoint_seconds"]):
            raise IllegalValue(f"time-out {seconds} s")
        if self._obeys():
            self._seconds = seconds
            self._watch_setpoint()

    # measurements

    @property
    def grid_power(self) -> float | None:
        return float(self._twin.grid_power) if self._metered else None

    @property
    def grid_current(self) -> float:
        return abs(self.grid_power or 0.0) / self._twin.voltage_l1

    @property
    def apparent_power(self) -> float:
        return abs(float(self._twin.power))

    @property
    def n2_state(self) -> int:
        """1 off, 2 standby, 4 on, 7 meter fault."""
        if not self._on:
            return 1
        if not self._metered:
            return 7
        return 4 if self._twin.battery_power else 2

    @property
    def event(self) -> int:
        """0 none, 15 the hardware is broken."""
        return HARDWARE if self._twin.status == "fault" else 0

    @property
    def flowing(self) -> int:
        return int(bool(self._twin.battery_power))

    @property
    def depth(self) -> float:
        return 100.0 - self._twin.soc

    # what it comes to

    def _obeys(self) -> bool:
        """Whether a command has any effect; it is acknowledged in any case."""
        return not self._locked

    def _watch_limits(self) -> None:
        seconds = float(self._facts["limit_seconds"])
        self._twin.at("limits", self._device.clock() + seconds, self._lift_limits)

    def _lift_limits(self) -> None:
        self._twin.cancel("limits")
        self._twin.max_charge = self._twin.max_discharge = self._twin.rated_power

    def _watch_setpoint(self) -> None:
        if self._mode == SETPOINT:
            self._twin.at("setpoint", self._device.clock() + self._seconds, self._regulate)
            self._apply()

    def _regulate(self) -> None:
        self._twin.cancel("setpoint")
        self._mode, self._percent = REGULATION, 0.0
        self._apply()

    def _apply(self) -> None:
        twin = self._twin
        if not self._on:
            twin.battery_setpoint = 0.0
        elif self._mode == REGULATION:
            twin.battery_setpoint = self._watts if self._facts["operation"] == "setpoint" else None
        elif self._percent > 0 and self._facts["discharge_ignored"]:
            twin.battery_setpoint = None
        else:
            twin.battery_setpoint = self._percent / 100 * twin.rated_power

"""SMA PV inverters: the least of all active limits holds, and what is written to a closed door is taken and ignored.

Source: register lists STP TL-30 V10, CORE1 V14, STP-40 GG10 V12, STPxx-50 V01; ricott/sma.modbus:lib/modbus.
"""

from emulators.answers import IllegalValue
from emulators.controls import Shown
from emulators.device import Device
from emulators.profile import Facts
from emulators.sma import tags
from emulators.sma.external import DailyYield, GridGuard, Silence
from twin.pv import PvInverter

NEW_STATES = {"off": tags.OFF, "standby": tags.STANDBY, "running": tags.ACTIVATED, "limited": tags.ACTIVATED}
OLD_STATES = {"off": tags.STOP, "standby": tags.WAIT_PV, "running": tags.MPP, "limited": tags.DERATING}


class Tripower:
    """Sunny Tripower and Sunny Boy. At night it has no values; `states` is the tag set of 40029."""

    def __init__(self, twin: PvInverter, facts: Facts, device: Device) -> None:
        self._twin, self._facts = twin, facts
        self._guard = GridGuard(facts)
        self._silence = Silence(twin, facts, device, self._obey)
        self.parts = (self._guard, self._silence, Shown(twin), DailyYield(twin, device))
        self._guarded = facts.more["guarded"] == "yes"
        self._mode = tags.EXTERNAL
        self._max_power = self._manual_watts = twin.rated_power
        self._manual_percent = 100.0
        self.fallback_percent = float(facts.more.get("fallback_percent", 100.0))
        self.fallback_maximum = float(facts.more.get("fallback_maximum", twin.rated_power))
        self.fallback_minimum = float(facts.more.get("fallback_minimum", 0.0))
        self.ramp_up = self.ramp_down = 20.0
        self.reactive_power, self.power_factor = 0.0, 1.0
        self._operating_mode = tags.START
        self._forget()

    def _forget(self) -> None:
        """Set-points as after a start."""
        self._percent, self._watts = 100.0, self._twin.rated_power
        self._max_watts, self._max_percent = self._twin.rated_power, 100.0
        self.limit_min_watts = self.limit_min_percent = 0.0
        self._fast_stop = tags.START
        self._setpoint, self._setpoint_active = 0.0, tags.INACTIVE

    def reboot(self) -> None:
        """Set-points and the Grid Guard login are lost, parameters stay."""
        self._guard.open = False
        self._silence.expired = False
        self._twin.cancel("set-points missing")
        self._forget()
        self._obey()

    # what it shows

    @property
    def _asleep(self) -> bool:
        return self._twin.power == 0 and self._twin.available <= 0

    @property
    def power(self) -> float | None:
        return None if self._asleep else float(self._twin.power)

    @property
    def power_l1(self) -> float | None:
        return None if self._asleep else self._twin.power_l1

    @property
    def power_l2(self) -> float | None:
        return None if self._asleep else self._twin.power_l2

    @property
    def power_l3(self) -> float | None:
        return None if self._asleep else self._twin.power_l3

    @property
    def health(self) -> int:
        return tags.FAULT if self._twin.status == "fault" else tags.OK

    @property
    def operating_state(self) -> int:
        if self._stopped:
            return tags.OFF if self._facts.more["states"] == "new" else tags.STOP
        states = NEW_STATES if self._facts.more["states"] == "new" else OLD_STATES
        return states.get(str(self._twin.status), tags.FAULT)

    @property
    def grid_relay(self) -> int:
        return tags.RELAY_OPEN if self._stopped or self._asleep else tags.RELAY_GRID

    @property
    def connection_bits(self) -> int:
        """SunSpec 122 PVConn: connected, available, operating."""
        return 0 if self._stopped else 0b011 if self._asleep else 0b111

    @property
    def ac_type(self) -> int:
        """SunSpec 701: 0 one phase, 2 three."""
        return 2 if self._twin.phases == 3 else 0

    # set-points

    @property
    def limit_percent(self) -> float:
        return self._percent

    @limit_percent.setter
    def limit_percent(self, percent: float) -> None:
        if not 0 <= percent <= 100:
            raise IllegalValue(f"limit {percent} %")
        if self._mode == tags.EXTERNAL:
            self._percent = percent
            self._fed()

    @property
    def limit_whole_percent(self) -> float:
        return self._percent

    @limit_whole_percent.setter
    def limit_whole_percent(self, percent: float) -> None:
        self.limit_percent = percent

    @property
    def limit_watts(self) -> float:
        return self._watts

    @limit_watts.setter
    def limit_watts(self, watts: float) -> None:
        if watts < 0:
            raise IllegalValue(f"limit {watts} W")
        if self._mode == tags.EXTERNAL:
            self._watts = watts
            self._fed()

    @property
    def limit_max_watts(self) -> float:
        return self._max_watts

    @limit_max_watts.setter
    def limit_max_watts(self, watts: float) -> None:
        if self._mode == tags.EXTERNAL:
            self._max_watts = watts
            self._fed()

    @property
    def limit_max_percent(self) -> float:
        return self._max_percent

    @limit_max_percent.setter
    def limit_max_percent(self, percent: float) -> None:
        if not -100 <= percent <= 100:
            raise IllegalValue(f"limit {percent} %")
        if self._mode == tags.EXTERNAL:
            self._max_percent = percent
            self._fed()

    @property
    def setpoint(self) -> float:
        """W, in force while `setpoint_active` is 802."""
        return self._setpoint

    @setpoint.setter
    def setpoint(self, watts: float) -> None:
        self._setpoint = watts
        self._fed()

    @property
    def setpoint_active(self) -> int:
        return self._setpoint_active

    @setpoint_active.setter
    def setpoint_active(self, tag: int) -> None:
        if tag not in (tags.ACTIVE, tags.INACTIVE):
            raise IllegalValue(f"activation {tag}")
        self._setpoint_active = tag
        self._fed()

    @property
    def fast_stop(self) -> int:
        return self._fast_stop

    @fast_stop.setter
    def fast_stop(self, tag: int) -> None:
        if tag not in (tags.STOP, tags.START, tags.FULL_STOP):
            raise IllegalValue(f"fast stop {tag}")
        self._fast_stop = tag
        self._fed()

    # parameters

    @property
    def power_mode(self) -> int:
        return self._mode

    @power_mode.setter
    def power_mode(self, tag: int) -> None:
        self._protected()
        if tag not in (tags.OFF, tags.MANUAL_WATTS, tags.MANUAL_PERCENT, tags.EXTERNAL):
            raise IllegalValue(f"mode {tag}")
        self._mode = tag
        self._obey()

    @property
    def max_power(self) -> float:
        return self._max_power

    @max_power.setter
    def max_power(self, watts: float) -> None:
        if not 0 <= watts <= self._twin.rated_power:
            raise IllegalValue(f"WMax {watts} W")
        self._max_power = watts
        self._obey()

    @property
    def manual_watts(self) -> float:
        return self._manual_watts

    @manual_watts.setter
    def manual_watts(self, watts: float) -> None:
        self._protected()
        self._manual_watts = watts
        self._obey()

    @property
    def manual_percent(self) -> float:
        return self._manual_percent

    @manual_percent.setter
    def manual_percent(self, percent: float) -> None:
        self._protected()
        self._manual_percent = percent
        self._obey()

    @property
    def operating_mode(self) -> int:
        return self._operating_mode

    @operating_mode.setter
    def operating_mode(self, tag: int) -> None:
        if tag not in (tags.MPP, tags.START, tags.STOP):
            raise IllegalValue(f"operating mode {tag}")
        self._operating_mode = tag
        self._obey()

    # the SunSpec side of the same set-points

    @property
    def sunspec_connected(self) -> int:
        return int(self._fast_stop == tags.START)

    @sunspec_connected.setter
    def sunspec_connected(self, choice: int) -> None:
        if choice not in (0, 1):
            raise IllegalValue(f"connection {choice}")
        self.fast_stop = tags.START if choice else tags.STOP

    @property
    def sunspec_enabled(self) -> int:
        return int(self._mode == tags.EXTERNAL)

    @sunspec_enabled.setter
    def sunspec_enabled(self, choice: int) -> None:
        if choice not in (0, 1):
            raise IllegalValue(f"enable {choice}")
        self.power_mode = tags.EXTERNAL if choice else tags.OFF

    # what holds

    @property
    def _stopped(self) -> bool:
        return self._fast_stop != tags.START or self._operating_mode == tags.STOP

    def _protected(self) -> None:
        if self._guarded:
            self._guard.check()

    def _fed(self) -> None:
        self._silence.fed()
        self._obey()

    def _obey(self) -> None:
        limits = [self._twin.rated_power, self._max_power]
        if self._stopped:
            limits.append(0.0)
        if self._mode == tags.MANUAL_WATTS:
            limits.append(self._manual_watts)
        elif self._mode == tags.MANUAL_PERCENT:
            limits.append(self._manual_percent / 100 * self._max_power)
        elif self._mode == tags.EXTERNAL and self._silence.expired:
            share = self.fallback_percent if self._facts.more["fallback"] == "percent" else 100.0
            limits += [share / 100 * self._max_power]
            if self._facts.more["fallback"] == "watts":
                limits.append(self.fallback_maximum)
        elif self._mode == tags.EXTERNAL:
            shares = (self._percent, self._max_percent)
            if self._setpoint_active == tags.ACTIVE:
                limits.append(self._setpoint)
            limits += [self._watts, self._max_watts, *(share / 100 * self._max_power for share in shares)]
        self._twin.power_limit = max(min(limits), 0.0)

"""SMA PV inverters: the least of all active limits holds, and what is written to a closed door is taken and ignored.

Source: register lists STP TL-30 V10, CORE1 V14, STP-40 GG10 V12, STPxx-50 V01; ricott/sma.modbus:lib/modbus.
"""

from math import inf

from emulators.faces.controls import Shown
from emulators.faces.settings import kept, one_of, up_to_rating, within
from emulators.family.profile import Facts
from emulators.sma import tags
from emulators.sma.external import DailyYield, GridGuard, SameSetpoints, Silence
from emulators.wires.device import Device
from twin.pv import PvInverter

NEW_STATES = {"off": tags.OFF, "standby": tags.STANDBY, "running": tags.ACTIVATED, "limited": tags.ACTIVATED}
OLD_STATES = {"off": tags.STOP, "standby": tags.WAIT_PV, "running": tags.MPP, "limited": tags.DERATING}


class Tripower:
    """Sunny Tripower and Sunny Boy. At night it has no values; `states` is the tag set of 40029."""

    def __init__(self, twin: PvInverter, facts: Facts, device: Device) -> None:
        self._twin, self._facts = twin, facts
        self._guard = GridGuard(facts)
        self._silence = Silence(twin, facts, device, self._obey)
        shown = Shown(twin, int(facts.more.get("strings", 2)))
        self.parts = (self._guard, self._silence, SameSetpoints(self), shown, DailyYield(twin, device))
        self._guarded = facts.more["guarded"] == "yes"
        self._mode = tags.EXTERNAL
        self._max_power = self._manual_watts = twin.rated_power
        self._manual_percent = 100.0
        self.fallback_percent = float(facts.more.get("fallback_percent", 100.0))
        self.fallback_maximum = float(facts.more.get("fallback_maximum", twin.rated_power))
        self.fallback_minimum = float(facts.more.get("fallback_minimum", 0.0))
        self.ramp_up = self.ramp_down = 20.0
        self.reactive_power, self.power_factor = 0.0, 1.0
        self.reactive_setpoint, self.pf_setpoint, self.pf_signed, self.pf_excitation = 0.0, 1.0, 1.0, tags.OVEREXCITED
        self._clock, self._began = device.clock, device.clock()
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
    def grid_switch(self) -> int:
        """30217, where relay and contactor are one word: closed or open."""
        return tags.CLOSED if self.grid_relay == tags.RELAY_GRID else tags.OPEN

    @property
    def unix_time(self) -> int:
        return int(self._clock())

    @property
    def uptime(self) -> int:
        """Seconds in operation."""
        return int(self._clock() - self._began)

    @property
    def reactive_phase(self) -> float:
        return self.reactive_power / 3

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

    limit_percent = kept("_percent", within, 0, 100, when="_external", then="_fed")

    limit_watts = kept("_watts", within, 0, inf, when="_external", then="_fed")
    limit_max_watts = kept("_max_watts", when="_external", then="_fed")
    limit_max_percent = kept("_max_percent", within, -100, 100, when="_external", then="_fed")
    setpoint = kept("_setpoint", then="_fed")  # W, in force while `setpoint_active` is 802
    setpoint_active = kept("_setpoint_active", one_of, tags.ACTIVE, tags.INACTIVE, then="_fed")
    fast_stop = kept("_fast_stop", one_of, tags.STOP, tags.START, tags.FULL_STOP, then="_fed")

    # parameters

    @property
    def power_mode(self) -> int:
        return self._mode

    @power_mode.setter
    def power_mode(self, tag: int) -> None:
        self._protected()
        self._mode = one_of(tag, tags.OFF, tags.MANUAL_WATTS, tags.MANUAL_PERCENT, tags.EXTERNAL)
        self._obey()

    max_power = up_to_rating("_max_power", then="_obey")

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

    operating_mode = kept("_operating_mode", one_of, tags.MPP, tags.START, tags.STOP, then="_obey")

    # what holds

    @property
    def _external(self) -> bool:
        return self._mode == tags.EXTERNAL

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

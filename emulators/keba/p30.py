"""KEBA P30: one charging point behind Modbus registers or UDP reports, with failsafe, energy limit and phase switching.

Source: P30 UDP Programmers Guide V2.01, Modbus TCP Programmers Guide V1.02. The failsafe is off until it is switched
on; when it fires, the box charges with its failsafe current even if it was disabled, shows "Enable sys" 0, and takes
no current until both a current and an enable have come again.
"""

from collections.abc import Callable

from emulators.family.profile import Facts
from emulators.faults.possible import WRITTEN
from emulators.keba.phases import PhaseSwitch
from emulators.keba.sessions import CARD, Sessions
from emulators.table.answers import IllegalValue
from emulators.wires.device import Device
from twin.charger import ChargingPoint

STARTING, NOT_READY, READY, CHARGING, ERROR, INTERRUPTED = range(6)
UNPLUGGED, STATION_LOCKED, ALL_PLUGGED, ALL_LOCKED = 0, 3, 5, 7
RESIDUAL_CURRENT = 0x40000  # an error of group 4
LOWEST, HIGHEST = 6.0, 63.0  # A that can be commanded
FAILSAFE_SECONDS = range(10, 601)
LOOK = 10.0  # s between two looks at an energy limit


class P30:
    """The box itself. Currents in A, energies in Wh, as the twin has them."""

    faults = WRITTEN
    parts: tuple[object, ...] = ()  # its write-only registers, where it has them

    def __init__(self, twin: ChargingPoint, facts: Facts, device: Device) -> None:
        self.twin, self.facts, self.device = twin, facts.more, device
        self.sessions = Sessions(device.clock)
        self.phases = PhaseSwitch(twin, self.facts, device.clock)
        self.step = float(self.facts["energy_unit"])
        self.metered = bool(self.facts["metered"])
        self._saved = (0.0, 0)  # failsafe in EEPROM: A, s
        self._was_plugged = twin.plugged
        self.operator: dict[str, Callable[..., None]] = {
            "plug": self.plug, "unplug": self.unplug, "rfid": self.show_card, "reboot": self.reboot,
        }  # fmt: skip
        self._start(0.0)

    def _start(self, seconds: float) -> None:
        self._ready_at = self.device.clock() + seconds
        self.started = self.device.clock()
        self.failsafe_amperes, self.failsafe_timeout = self._saved
        self.tripped, self._current_again, self._enabled_again = False, False, False
        self.user_amperes = HIGHEST
        self.energy_limit = 0.0  # Wh, 0 none
        self.output = 0
        self.timer: tuple[float, float] | None = None  # a current that waits for its instant
        self.phases.reset()
        self.twin.cancel("keba currtime")
        self.twin.cancel("keba energy limit")
        self._unlocked = False
        self.twin.current_limit, self.twin.enabled = self.twin.max_current, True
        self.fed()

    def reboot(self) -> None:
        """Power returns: current, enable and what was not saved are lost."""
        self.sessions.forget()
        self._start(float(self.facts["startup"]))

    # looked at before every request and push

    def asked(self, function: int, address: int, count: int) -> None:
        self.look()
        if function == 3 and self.facts["failsafe_fed_by_reads"]:
            self.fed()

    def closed(self) -> bool:
        """DSW1.3 is off: the network interfaces are deaf."""
        return not self.facts["network"]

    def look(self) -> None:
        """Notice a cable that came or went."""
        twin = self.twin
        plugged = twin.plugged
        if plugged != self._was_plugged:
            self._was_plugged, self._unlocked = plugged, False
            if plugged and self.facts["authorization"]:
                twin.authorized, twin.rfid = False, ""
        self.sessions.look(twin)

    def _watch_energy(self) -> None:
        """The energy limit counts against the session that is shown."""
        if self.energy_limit and self.session_energy >= self.energy_limit:
            self.twin.enabled = False
        elif self.energy_limit:
            self.twin.at("keba energy limit", self.twin.time + LOOK, self._watch_energy)

    # what both interfaces tell

    @property
    def starting(self) -> bool:
        return self.device.clock() < self._ready_at

    @property
    def state(self) -> int:
        twin = self.twin
        if self.starting:
            return STARTING
        if twin.vehicle in ("E", "F"):
            return ERROR
        if not twin.plugged or not twin.authorized:
            return NOT_READY
        if twin.vehicle in ("C", "D") and twin.enabled:
            return CHARGING
        return READY if twin.enabled else INTERRUPTED

    @property
    def cable(self) -> int:
        if not self.twin.plugged:
            return STATION_LOCKED if self.facts["fixed_cable"] else UNPLUGGED
        return ALL_PLUGGED if self._unlocked else ALL_LOCKED

    @property
    def error(self) -> int:
        return RESIDUAL_CURRENT if self.state == ERROR else 0

    @property
    def power(self) -> float:
        return float(self.twin.power) if self.metered else 0.0

    @property
    def current_l1(self) -> float:
        return self._current(1)

    @property
    def current_l2(self) -> float:
        return self._current(2)

    @property
    def current_l3(self) -> float:
        return self._current(3)

    def _current(self, phase: int) -> float:
        return float(getattr(self.twin, f"current_l{phase}") or 0.0) if self.metered else 0.0

    @property
    def energy(self) -> float:
        return self.twin.energy if self.metered else 0.0

    @property
    def session_energy(self) -> float:
        """Wh of this session, of the last one until charging has begun again."""
        return self.sessions.energy(self.twin) if self.metered else 0.0

    @property
    def total_steps(self) -> float:
        return self.energy / self.step

    @property
    def session_steps(self) -> float:
        return self.session_energy / self.step

    @property
    def power_factor(self) -> float:
        return 0.998 if self.power else 0.0

    @property
    def max_charging_current(self) -> float:
        """A that is offered to a vehicle; 0 while charging is not allowed."""
        return min(self.twin.current_limit, self.twin.max_current)

    @property
    def enable_sys(self) -> int:
        """Whether the controller lets the box charge; 0 from a failsafe until it is armed again."""
        return int(self.twin.enabled and not self.tripped)

    @property
    def card(self) -> int:
        return int((self.twin.rfid or "0")[:8], 16)

    @property
    def serial(self) -> int:
        return int(self.facts["serial"])

    @property
    def digits(self) -> int:
        return int(self.facts["digits"])

    @property
    def firmware(self) -> int:
        """major.minor.patch, one byte each, and a spare byte."""
        major, minor, patch = (int(each) for each in str(self.facts["firmware"]).split("."))
        return major << 24 | minor << 16 | patch << 8

    @property
    def phase_source(self) -> int:
        return self.phases.source

    @property
    def three_phases(self) -> int:
        return int(self.twin.phases == 3)

    def steps(self, watt_hours: float | None) -> int | None:
        """An energy as the interfaces tell it."""
        return None if watt_hours is None else round(watt_hours / self.step)

    # commands; IllegalValue where the box refuses them

    def check_current(self, amperes: float, *, zero: bool = False) -> None:
        if not (LOWEST <= amperes <= HIGHEST or (zero and amperes == 0)):
            raise IllegalValue(f"{amperes:g} A is outside 6 to 63")

    def set_current(self, amperes: float, *, zero: bool = False, feeds: bool = True) -> None:
        """A current to charge with. Zero is a command on UDP only; Modbus pauses through the enable."""
        self.check_current(amperes, zero=zero)
        self.user_amperes = amperes
        self._current_again = True
        self._rearm()
        if not self.tripped:
            self.twin.current_limit = min(amperes, self.twin.max_current)
        if feeds:
            self.fed()

    def enable(self, on: bool) -> None:
        self._enabled_again = self._enabled_again or on
        self._rearm()
        if not self.tripped or not on:
            self.twin.enabled = on
        self.fed()

    def _rearm(self) -> None:
        """After a failsafe, current and enable must both have come before either counts."""
        if self.tripped and self._current_again and self._enabled_again:
            self.tripped = False
            self.twin.current_limit = min(self.user_amperes, self.twin.max_current)
            self.twin.enabled = True

    def set_failsafe(self, amperes: float, seconds: int, *, save: bool = False) -> None:
        """Switch the failsafe on, 0 s switches it off."""
        if amperes and not LOWEST <= amperes <= HIGHEST:
            raise IllegalValue(f"failsafe current {amperes:g} A is neither 0 nor 6 to 63")
        if seconds and seconds not in FAILSAFE_SECONDS:
            raise IllegalValue(f"failsafe timeout {seconds} s is neither 0 nor 10 to 600")
        self.failsafe_amperes, self.failsafe_timeout = amperes, seconds
        if save:
            self._saved = (amperes, seconds)
        self.fed()

    def persist_failsafe(self, keep: bool) -> None:
        """Keep the active failsafe over a restart, or the factory's: off."""
        self._saved = (self.failsafe_amperes, self.failsafe_timeout) if keep else (0.0, 0)
        self.fed()

    def fed(self) -> None:
        """The controller lives."""
        if self.failsafe_timeout:
            self.twin.at("keba failsafe", self.device.clock() + self.failsafe_timeout, self._trip)
        else:
            self.twin.cancel("keba failsafe")

    def _trip(self) -> None:
        """The controller has fallen silent."""
        self.tripped, self._current_again, self._enabled_again = True, False, False
        self.twin.current_limit = min(self.failsafe_amperes, self.twin.max_current)
        self.twin.enabled = self.failsafe_amperes >= LOWEST

    def limit_energy(self, watt_hours: float) -> None:
        self.energy_limit = watt_hours
        self.twin.cancel("keba energy limit")
        self._watch_energy()

    def unlock(self) -> None:
        """Release the plug; only while charging is suspended."""
        if self.state == CHARGING:
            raise IllegalValue("charging")
        self._unlocked = self.twin.plugged and not self.facts["fixed_cable"]

    def start_session(self, tag: str) -> None:
        """Open the session as a card with this tag would."""
        int(tag, 16)
        self.twin.rfid, self.twin.authorized = tag, True

    def stop_session(self, tag: str) -> None:
        """End the session; only the card that opened it may, or none named."""
        if tag and self.twin.rfid and tag != self.twin.rfid:
            raise IllegalValue("another card")
        self.twin.authorized = False
        if self.twin.plugged:
            self.sessions.end(CARD)

    # what only a person at the box can do

    def plug(self) -> None:
        self.twin.set("plugged", True)
        self.look()

    def unplug(self) -> None:
        self.twin.set("plugged", False)
        self.look()

    def show_card(self, tag: str = "e3f76b8d00000000") -> None:
        """An RFID card opens a session, or ends the one it opened."""
        self.look()
        ends = self.twin.authorized and self.twin.rfid == tag
        self.twin.authorized = not ends or not self.facts["authorization"]
        self.twin.rfid = "" if ends else tag

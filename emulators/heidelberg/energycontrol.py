"""Heidelberg Energy Control: a watchdog that any telegram feeds, standby that loses the current, status F for 10 s.

Source: register table of 2021-02-22 and the vendor manual of the identical SENEC Wallbox pro S; evcc-io/evcc#2286 for
the time in status F. The box charges nothing until a current has been written after each power-on or standby.
"""

from collections.abc import Callable

from packaging.version import Version

from emulators.family.profile import Facts
from emulators.table.answers import IllegalAddress, IllegalValue, Silence
from emulators.wires.device import Device
from twin.charger import ChargingPoint

UNDEFINED, A1, B1, C1, DERATING, PILOT_ERROR, LOCKED, FAULT = 1, 2, 4, 6, 8, 9, 10, 11  # ...2 is one higher
STANDBY_ON, STANDBY_OFF = 0, 4
KEEPS_SETTINGS = Version("1.0.8")
LOWEST, HIGHEST = 6.0, 16.0  # A


class EnergyControl:
    """Registers of the box. Currents in A."""

    def __init__(self, twin: ChargingPoint, facts: Facts, device: Device) -> None:
        self.twin, self.facts, self.device = twin, facts.more, device
        self.layout = Version(str(self.facts["layout"]))
        self._factory()
        self._asleep = False
        self._awake_at = self._recovered_at = -1e9
        self._tripped = False
        self._commanded = 0.0
        self.unlocked = 1  # by the key or the external contact
        self._energy_at_power_on = twin.energy
        twin.current_limit = 0.0
        self.operator: dict[str, Callable[..., None]] = {
            "lock": self.lock, "unlock": self.unlock, "plug": self.plug, "unplug": self.unplug, "reboot": self.reboot,
        }  # fmt: skip
        self._idle()

    def _factory(self) -> None:
        self._watchdog = int(self.facts["watchdog"])  # ms
        self._standby, self._remote = STANDBY_ON, 1
        self._failsafe = 0.0

    def _lose(self) -> None:
        """What is forgotten at power-on and in standby."""
        if self.layout < KEEPS_SETTINGS:
            self._factory()
        self._tripped, self._recovered_at = False, -1e9
        self._commanded = 0.0
        self.twin.cancel("heidelberg watchdog")
        self._apply()

    def reboot(self) -> None:
        self._asleep = False
        self._awake_at = self.device.clock() + float(self.facts["deaf"])
        self._energy_at_power_on = self.twin.energy
        self._lose()
        self._idle()

    # who may ask, and what asking does

    def asked(self, function: int, address: int, count: int) -> None:
        now = self.device.clock()
        self._stir()
        if self._asleep or now < self._awake_at:
            raise Silence
        for register, since in self.facts["since"].items():
            if address <= int(register) < address + count and self.layout < Version(since):
                raise IllegalAddress(f"{register} exists since layout {since}")
        if function == 3 and address <= 258 < address + count and self.layout < KEEPS_SETTINGS:
            raise IllegalAddress("258 is read since layout 1.0.8")
        if self._tripped:
            self._tripped = False
            if self._failsafe < LOWEST:
                self._recovered_at = now + float(self.facts["recovery"])
                self.twin.at("heidelberg recovered", self._recovered_at, self._apply)
            self._apply()
        self._feed()

    def _feed(self) -> None:
        if self._watchdog:
            self.twin.at("heidelberg watchdog", self.device.clock() + self._watchdog / 1000, self._trip)
        else:
            self.twin.cancel("heidelberg watchdog")

    def _trip(self) -> None:
        """No telegram for too long."""
        self._tripped = True
        self._apply()

    # standby

    def _stir(self) -> None:
        """A vehicle wakes the box; without one it falls asleep after a while."""
        if self._asleep and self.twin.plugged:
            self._asleep = False
            self._awake_at = self.device.clock() + float(self.facts["deaf"])
        if self.twin.plugged or self._standby == STANDBY_OFF:
            self._idle()

    def _idle(self) -> None:
        """The time without a vehicle begins anew."""
        self.twin.at("heidelberg standby", self.device.clock() + float(self.facts["sleeps_after"]), self._doze)

    def _doze(self) -> None:
        if self._standby == STANDBY_ON and not self.twin.plugged:
            self._asleep = True
            self._lose()

    # registers

    @property
    def layout_code(self) -> int:
        """Hex digits are the version: 0x108."""
        major, minor, patch = self.layout.release
        return major << 8 | minor << 4 | patch

    @property
    def charging_state(self) -> int:
        twin = self.twin
        if self._tripped or self.device.clock() < self._recovered_at:
            return LOCKED
        if twin.vehicle in ("E", "F"):
            return PILOT_ERROR if twin.vehicle == "E" else FAULT
        allowed = int(twin.enabled and twin.current_limit >= LOWEST)
        if not twin.plugged:
            return A1 + allowed
        return (C1 if twin.vehicle in ("C", "D") else B1) + allowed

    @property
    def energy_since_power_on(self) -> float:
        return max(self.twin.energy - self._energy_at_power_on, 0.0)

    @property
    def logistic(self) -> str:
        return str(self.facts["logistic"])

    @property
    def watchdog(self) -> int:
        return self._watchdog

    @watchdog.setter
    def watchdog(self, milliseconds: int) -> None:
        self._watchdog = milliseconds
        self._feed()

    @property
    def standby(self) -> int:
        return self._standby

    @standby.setter
    def standby(self, code: int) -> None:
        if code not in (STANDBY_ON, STANDBY_OFF):
            raise IllegalValue(f"standby {code}")
        self._standby = code
        self._idle()

    @property
    def remote_lock(self) -> int:
        return self._remote

    @remote_lock.setter
    def remote_lock(self, unlocked: int) -> None:
        if unlocked not in (0, 1):
            raise IllegalValue(f"remote lock {unlocked}")
        if self.unlocked and unlocked < self._remote:
            self._show_locked()
        self._remote = unlocked
        self._apply()

    @property
    def command(self) -> float:
        """A that were commanded; the failsafe current does not show here."""
        return self._commanded if self._tripped else self.twin.current_limit

    @command.setter
    def command(self, amperes: float) -> None:
        self._commanded = _current(amperes)
        self._apply()

    @property
    def failsafe(self) -> float:
        return self._failsafe

    @failsafe.setter
    def failsafe(self, amperes: float) -> None:
        self._failsafe = _current(amperes)

    def _apply(self) -> None:
        """What is in force: the command, or the failsafe current while nobody talks to the box."""
        in_error = self.device.clock() < self._recovered_at and self.twin.time < self._recovered_at
        wanted = self._failsafe if self._tripped else 0.0 if in_error else self._commanded
        self.twin.current_limit = min(wanted, self.twin.max_current)
        self.twin.enabled = bool(self.unlocked and self._remote)

    def _show_locked(self) -> None:
        self._recovered_at = self.device.clock() + float(self.facts["recovery"])
        self.twin.at("heidelberg recovered", self._recovered_at, self._apply)

    # what only a person at the box can do

    def lock(self) -> None:
        if self.unlocked:
            self._show_locked()
        self.unlocked = 0
        self._apply()

    def unlock(self) -> None:
        self.unlocked = 1
        self._apply()

    def plug(self) -> None:
        self.twin.set("plugged", True)
        self._stir()

    def unplug(self) -> None:
        self.twin.set("plugged", False)
        self._idle()


def _current(amperes: float) -> float:
    """A current as the box takes it: below 6 A is none, above 16 A is refused."""
    if amperes > HIGHEST + 1e-9:
        raise IllegalValue(f"{amperes:g} A")
    return amperes if amperes >= LOWEST - 1e-9 else 0.0

"""Amperfied connect.home: a watchdog that any exchange feeds, a failsafe current, status F for a while afterwards.

Source: evcc-io/evcc:charger/amperfied.go and what it cites of the register layout of 2025-04-22. The times are those of
the same maker's Energy Control.
"""

from collections.abc import Callable

from emulators.faces.charging import People, obey
from emulators.faces.settings import one_of
from emulators.family.profile import Facts
from emulators.table.answers import IllegalValue
from emulators.wires.device import Device
from twin.charger import ChargingPoint

A1, B1, C1, PILOT_ERROR, LOCKED, FAULT = 2, 4, 6, 9, 10, 11  # ...2 is one higher
LOWEST, HIGHEST = 6.0, 16.0  # A


class Connect:
    """Registers of the box. Currents in A."""

    def __init__(self, twin: ChargingPoint, facts: Facts, device: Device) -> None:
        self.twin, self.facts, self.device = twin, facts.more, device
        self._step = float(self.facts["watchdog_step"])
        self._timeout, self._failsafe, self._remote = float(self.facts["watchdog"]), 0.0, 1
        self._tripped, self._recovered_at = False, 0.0
        self._commanded = 0.0
        self._cards, self._last_card = 0, ""
        self._energy_at_power_on = twin.energy
        twin.current_limit = 0.0
        self._people = People(twin, facts, device, reboot=device.restart, key=self._apply)
        self.operator: dict[str, Callable[..., None]] = {**self._people.operator, "lock": self.lock}

    def reboot(self) -> None:
        """Power returns: nothing is charged until a current has been written; settings stay."""
        self._tripped, self._recovered_at, self._commanded = False, 0.0, 0.0
        self._energy_at_power_on = self.twin.energy
        self.twin.cancel("amperfied watchdog")
        self._people.restart()
        self._apply()

    # who asks

    def asked(self, function: int, address: int, count: int) -> None:
        self._people.look()
        if self._tripped:
            self._tripped = False
            if self._failsafe < LOWEST:
                self._show_locked()
            self._apply()
        self._feed()

    def _feed(self) -> None:
        if self._timeout:
            self.twin.at("amperfied watchdog", self.device.clock() + self._timeout, self._trip)
        else:
            self.twin.cancel("amperfied watchdog")

    def _trip(self) -> None:
        self._tripped = True
        self._apply()

    def _show_locked(self) -> None:
        self._recovered_at = self.device.clock() + float(self.facts["recovery"])
        self.twin.at("amperfied recovered", self._recovered_at, self._apply)

    def _apply(self) -> None:
        """What is in force: the command, or the failsafe current while nobody talks to the box."""
        in_error = self.device.clock() < self._recovered_at and self.twin.time < self._recovered_at
        wanted = self._failsafe if self._tripped else 0.0 if in_error else self._commanded
        unlocked = bool(self._people.unlocked and self._remote)
        obey(self.twin, current_limit=min(wanted, self.twin.max_current), enabled=unlocked)

    # registers

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
    def unlocked(self) -> int:
        return int(self._people.unlocked)

    @property
    def watchdog(self) -> float:
        """Counts of ms, or of s where a box has them."""
        return self._timeout / self._step

    @watchdog.setter
    def watchdog(self, counts: int) -> None:
        self._timeout = counts * self._step
        self._feed()

    @property
    def remote_lock(self) -> int:
        return self._remote

    @remote_lock.setter
    def remote_lock(self, unlocked: int) -> None:
        if one_of(unlocked, 0, 1) < self._remote and self._people.unlocked:
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

    # cards

    @property
    def card(self) -> int:
        """The first eight bytes of the UID of this session."""
        return int(str(self.twin.rfid)[:16].ljust(16, "0"), 16)

    @property
    def card_length(self) -> int:
        return min(len(str(self.twin.rfid)) // 2, 12)

    @property
    def card_counter(self) -> int:
        """Cards shown since power-on."""
        if self.twin.rfid and self.twin.rfid != self._last_card:
            self._cards += 1
        self._last_card = self.twin.rfid
        return self._cards

    @property
    def permission(self) -> int:
        return int(self.twin.authorized)

    @property
    def ready(self) -> int:
        return int(self.twin.offered_current > 0)

    @property
    def permission_command(self) -> None:
        return None

    @permission_command.setter
    def permission_command(self, code: int) -> None:
        allowed = one_of(code, 0, 1) == 1
        obey(self.twin, authorized=allowed or not self._people.needs_card)

    # what only a person at the box can do

    def lock(self) -> None:
        """The external contact opens."""
        if self._people.unlocked:
            self._show_locked()
        self._people.lock()


def _current(amperes: float) -> float:
    """A current as the box takes it: below 6 A is none, above 16 A is refused."""
    if amperes > HIGHEST + 1e-9:
        raise IllegalValue(f"{amperes:g} A")
    return amperes if amperes >= LOWEST - 1e-9 else 0.0

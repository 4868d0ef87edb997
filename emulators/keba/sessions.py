"""Charging sessions as a KEBA box keeps them: the running one and the last thirty, forgotten at a restart."""

from collections.abc import Callable
from dataclasses import dataclass

from twin.charger import ChargingPoint

KEPT = 30
RUNNING, UNPLUGGED, CARD = 0, 1, 10


@dataclass
class Session:
    """One visit of a vehicle. Energies in Wh, times in s UTC."""

    number: int = 0
    total_at_start: float = 0.0
    energy: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    reason: int = RUNNING
    card: str = ""


class Sessions:
    """`current` is the running or the last session."""

    def __init__(self, clock: Callable[[], float], number: int = 34) -> None:
        self._clock, self._number = clock, number
        self.current, self.past = Session(), list[Session]()
        self._open = False
        self._kept = 0.0  # Wh shown until charging begins again

    def look(self, twin: ChargingPoint) -> None:
        """Open a session when a vehicle has come, close it when it has gone."""
        plugged = twin.plugged
        if plugged and twin.authorized and not self._open:
            self._open, self._number = True, self._number + 1
            self.current = Session(self._number, twin.energy, 0.0, self._clock())
        if self._open:
            self.current.energy = twin.session_energy
            self.current.card = twin.rfid
        if self._open and not plugged:
            self.end(UNPLUGGED)

    def end(self, reason: int) -> None:
        self._open = False
        self.current.ended, self.current.reason = self._clock(), reason
        self._kept = self.current.energy
        self.past = [self.current, *self.past][:KEPT]

    def energy(self, twin: ChargingPoint) -> float:
        """Wh as the box shows them: those of the last session until this one has taken something."""
        return twin.session_energy or self._kept

    def forget(self) -> None:
        self.past.clear()

"""Relay contacts as a digital input sees them: they bounce when they switch, and an input can be broken."""

from collections.abc import Callable

Closed = bool | None


class Bouncing:
    """One contact. For `bounce` seconds after a change it is seen open and closed by turns of `turn` seconds."""

    def __init__(self, clock: Callable[[], float], bounce: float, turn: float = 0.005) -> None:
        self._clock, self._bounce, self._turn = clock, bounce, turn
        self._state: Closed = None
        self._since = -1e9

    def seen(self, state: Closed) -> Closed:
        """What the input reads while the relay is in `state`."""
        now = self._clock()
        if state != self._state:
            first = self._state is None
            self._state = state
            self._since = -1e9 if first else now
        age = now - self._since
        if state is None or age >= self._bounce:
            return state
        return state if int(age / self._turn) % 2 == 0 else not state

"""Drives a heat pump by its two SG Ready contacts, which relays of a KMTronic board close. ASSUMED, maker unknown.

Four states by K1 : K2: 1:0 locked, 0:0 normal, 0:1 raised (no start), 1:1 forced (a definite start). A power in W is
one of them: nothing locks, the pump's rating forces a start, in between it decides itself. Two contacts never move at
once, so that a change goes over 0:0, or over 0:1 to a start. The pump tells nothing; its power needs a meter.

Times: a state stands for 10 min, a lock for 2 h at most, after it 10 min are normal, three locks a day, three starts an
hour. A wish that comes too soon waits. A lock does not: the grid operator may stand behind it.

Sources: BWP rules as quoted at top50-solar.de, SMA EDMM-10, de.gridx.ai/wissen/sg-ready and
OpenEMS/openems:io.openems.edge.controller.io.heatpump.sgready (states; thresholds of 3 and 5 kW, the ratio of which is
taken here). The times but for the lock's two hours, and the board's part, see `controller.drivers.kmtronic`, are
assumed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.kmtronic import relays
from controller.errors import ConfigurationError, Garbled, WrongDevice
from controller.ports import ByteStream, Clock, Datagrams

State = Literal["locked", "normal", "raised", "forced"]
CONTACTS: Mapping[State, tuple[bool, bool]] = {
    "locked": (True, False), "normal": (False, False), "raised": (False, True), "forced": (True, True),
}  # fmt: skip
STATES = {contacts: state for state, contacts in CONTACTS.items()}

DWELL = 600.0  # s
LOCK = 7200.0  # s
LOCKS, DAY = 3, 86_400.0
STARTS, HOUR = 3, 3600.0
LEAST, RAISED, FORCED = 0.25, 0.6, 1.0  # of the rating: the least that a pump can run at; OpenEMS' 3 of 5 kW; 5 of 5
RATED = 2000.0  # W of a pump whose rating nobody says: 8 kW of heat in 35 degrees
SETTLE = 0.1  # s from a relay's command to its state


@dataclass(slots=True)
class Times:
    """When the pump may be in which state. All in monotonic s; what was before the first look is long ago."""

    state: State = "normal"
    since: float = float("-inf")
    waiting: str = ""
    _unlocked: float = float("-inf")
    _locks: list[float] = field(default_factory=list)
    _starts: list[float] = field(default_factory=list)

    def now(self, wanted: State, now: float) -> State:
        """The state to be in, on the way to the wanted one."""
        stood = now - self.since
        self.waiting = ""
        if self.state == "locked":
            if wanted == "locked" and stood < LOCK:
                return "locked"
            if wanted == "locked":
                self.waiting = "locked again later: two hours at most"
            return "normal"
        if wanted == "locked":
            return self._lock(now)
        if wanted == "forced" and self.state != "forced" and len(_within(self._starts, now, HOUR)) >= STARTS:
            self.waiting = f"a start waits: {STARTS} an hour at most"
            wanted = "raised"
        if wanted == self.state or stood >= DWELL:
            return wanted
        self.waiting = f"{wanted} waits: {self.state} stands for {DWELL / 60:.0f} min at least"
        return self.state

    def _lock(self, now: float) -> State:
        if now - self._unlocked < DWELL:
            self.waiting = f"a lock waits: after one {DWELL / 60:.0f} min are normal"
        elif len(_within(self._locks, now, DAY)) >= LOCKS:
            self.waiting = f"no lock: {LOCKS} a day at most"
        else:
            return "locked"
        return "normal"

    def saw(self, state: State, now: float) -> None:
        """The state that the contacts have been brought to, or found in."""
        if state == self.state:
            return
        if self.state == "locked":
            self._unlocked = now
        if state == "locked":
            self._locks = [*_within(self._locks, now, DAY), now]
        if state == "forced":
            self._starts = [*_within(self._starts, now, HOUR), now]
        self.state, self.since = state, now


class SgReadyPump:
    """A heat pump behind two relays. `k1`, `k2`: their numbers on the board; `rated_power`: W of the pump."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {135: ("udp",)}
    kind: ClassVar[Kind] = "heat-pump"
    refresh: float | None = 60.0
    when_silent: ClassVar[WhenSilent] = WhenSilent("keeps")
    reaction: ClassVar[float] = 2 * DWELL + 120.0  # a wish that waits, and the pump's own ramp of 10 % a minute
    tells_rating: ClassVar[bool] = False
    default_port: ClassVar[int] = 12345  # of a KMTronic LAN board

    def __init__(
        self, line: Datagrams | ByteStream, clock: Clock, unit: int | None = None, *, row: int = 0,
        model: str | None = None, board: str = "udp", k1: int = 1, k2: int = 2, rated_power: float = RATED,
    ) -> None:  # fmt: skip
        if k1 == k2:
            raise ConfigurationError(f"two relays, not {k1} twice", key="relays.k2")
        self.line, self.clock, self.unit, self.row, self.model = line, clock, unit, row, model
        self._relays, self._numbers, self._rated = relays(line, board), (k1, k2), rated_power
        self._times = Times()
        self._looked = False

    def lost(self) -> None:
        """The board may have lost its relays' states with its mains; they are looked at before each command."""

    @property
    def problem(self) -> str:
        """What waits, and why."""
        return self._times.waiting

    async def identify(self) -> Identity:
        """Relays tell nothing of what they switch; there have to be two."""
        closed = await self._relays.closed()
        if len(closed) < max(self._numbers):
            raise WrongDevice(f"a board of {len(closed)} relays", [f"one with relay {max(self._numbers)}"])
        return Identity("unknown", "Smart Heat Pumps", notes=(f"SG Ready by relays {self._numbers}",))

    async def read(self) -> Reading:
        k1, k2 = await self._contacts()
        return {"k1": k1, "k2": k2, "mode": STATES[k1, k2]}

    async def set_power(self, watts: float) -> None:
        """Lock at less than the pump can run at, start it at its rating."""
        share = watts / self._rated
        wanted: State = (
            "locked" if share < LEAST else "normal" if share < RAISED else "raised" if share < FORCED else "forced"
        )
        await self._contacts()
        await self._bring(self._times.now(wanted, self.clock.monotonic()))

    async def release(self) -> None:
        """Normal, at once."""
        self._times.waiting = ""
        await self._contacts()
        await self._bring("normal")

    async def _contacts(self) -> tuple[bool, bool]:
        closed = await self._relays.closed()
        if len(closed) < max(self._numbers):
            raise Garbled(f"a board of {len(closed)} relays")
        k1, k2 = (closed[number - 1] for number in self._numbers)
        state = STATES[k1, k2]
        if not self._looked:
            self._times.state, self._looked = state, True
        self._times.saw(state, self.clock.monotonic())
        return k1, k2

    async def _bring(self, state: State) -> None:
        """Move the contacts that have to move, those that open first; K2 closes before K1."""
        wanted = CONTACTS[state]
        now = CONTACTS[self._times.state]
        opening = [each for each in (0, 1) if now[each] and not wanted[each]]
        closing = [each for each in (1, 0) if wanted[each] and not now[each]]
        for each in (*opening, *closing):
            await self._relays.switch(self._numbers[each], wanted[each])
            await self.clock.sleep(SETTLE)
            if (await self._contacts())[each] != wanted[each]:
                raise Garbled(f"relay {self._numbers[each]} has not followed")


def _within(times: list[float], now: float, seconds: float) -> list[float]:
    return [each for each in times if now - each < seconds]

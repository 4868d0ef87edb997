"""The grid meter against all other devices: does it move when they do, and in the right direction?

With generation and discharging counted positive and loads negative, the grid meter (import positive) answers a step of
the devices' sum by the same step downwards; what else happens in the house disturbs single comparisons, not three in
a row. Three things would deceive it and are left out: a battery or heater that follows the house holds the meter near
zero although the sum moves (no sign that it is frozen), its own steps answer the house (no test of the sign), and a
device that has told something wrong for a while comes back to what fits the meter: what is left for the house is then
what it was before the meter stood still.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from controller.strategy.view import Function, Seen

STILL = 60.0  # s without any change of the grid power
MOVED = 300.0  # W by which the devices have to have moved meanwhile
NEAR_ZERO = 50.0  # W within which something that regulates holds the grid power
STEP = 800.0  # W of the devices that the grid meter has to answer
ALIKE = 0.3  # share of a step by which the answer may differ from it
SETTLED = 5.0  # s after a step until both sides have shown it
CALM = 200.0  # W that are no further step
SLOW = 60.0  # s after which what still moves is no step
BASE = 10.0  # s between two baselines
BASES = 18  # values of what was left for the house that are remembered from while the meter moved
ROW = 3  # contradictions that convict, and agreements that acquit

SIGNS: Mapping[Function, float] = {"pv": 1.0, "battery": 1.0, "charger": -1.0, "heater": -1.0}
FOLLOW: frozenset[Function] = frozenset({"battery", "heater"})


@dataclass(slots=True)
class Sum:
    """What the devices do together, in W into the house: all, and those that follow the house. `who`: a bit each."""

    all: float = 0.0
    following: float = 0.0
    who: int = 0

    @property
    def leading(self) -> float:
        """W of those that do not ask what the house does."""
        return self.all - self.following


@dataclass(frozen=True, slots=True)
class Base:
    """How it was before a step."""

    at: float
    all: float
    leading: float
    grid: float


class Crossing:
    """What is remembered of the grid meter and the others."""

    def __init__(self) -> None:
        self._grid: float | None = None
        self._since = 0.0  # when the grid power changed last
        self._who = 0
        self._low = self._high = 0.0  # of the sum since then
        self._low_following = self._high_following = 0.0
        self._frozen = ""
        self._moved_since: float | None = None  # when the devices moved away from a grid power that stands still
        self._rests: deque[tuple[float, float]] = deque(maxlen=BASES)  # when, and W left for the house
        self._bases: tuple[Base, Base] | None = None  # the older one counts: meters are read at other times
        self._step_at: float | None = None
        self._step = 0.0
        self._wrong = self._right = 0
        self._flipped = False

    def judge(self, seen: Mapping[str, Seen], now: float) -> tuple[Seen | None, str]:
        """The grid meter, and why its power cannot be believed; empty when it can."""
        meter, together = added(seen)
        grid = None if meter is None else meter.number("power")
        if grid is None:
            self._grid, self._frozen, self._bases = None, "", None
            return meter, ""
        same = together.who == self._who
        self._who = together.who
        self._stand(grid, together, same, now)
        self._sign(grid, together, same, now)
        return meter, self._frozen or ("sign contradicts the devices" if self._flipped else "")

    def _stand(self, grid: float, together: Sum, same: bool, now: float) -> None:
        """Whether the meter stands still while the others move."""
        if grid != self._grid:
            self._grid, self._since, self._frozen, same = grid, now, "", False
        rest = grid + together.all
        if now - self._since < BASE and (not self._rests or now - self._rests[-1][0] >= BASE):
            self._rests.append((now, rest))
        if not same:  # a device that appears or vanishes has not moved
            self._low = self._high = together.all
            self._low_following = self._high_following = together.following
            self._moved_since = None
            return
        self._low, self._high = min(self._low, together.all), max(self._high, together.all)
        self._low_following = min(self._low_following, together.following)
        self._high_following = max(self._high_following, together.following)
        moved = self._high - self._low
        if abs(grid) <= NEAR_ZERO:
            moved -= self._high_following - self._low_following
        if moved <= MOVED or any(at < self._since and abs(rest - each) <= MOVED for at, each in self._rests):
            self._moved_since = None
            return
        if self._moved_since is None:
            self._moved_since = now
        if not self._frozen and now - self._since >= STILL and now - self._moved_since >= SETTLED:
            self._frozen = f"frozen at {grid:g} W while the devices moved by {moved:.0f} W"

    def _sign(self, grid: float, together: Sum, same: bool, now: float) -> None:
        """Whether steps of the devices are answered in the right direction."""
        here = Base(now, together.all, together.leading, grid)
        if self._bases is None or not same:
            self._bases, self._step_at = (here, here), None
            return
        base, newer = self._bases
        if self._step_at is None:
            if abs(here.leading - base.leading) >= STEP:
                self._step_at, self._step = now, here.leading
            elif now - newer.at >= BASE:
                self._bases = (newer, here)
            return
        if abs(here.leading - self._step) > CALM and now - base.at < SLOW:
            self._step_at, self._step = now, here.leading
        elif now - self._step_at >= SETTLED:
            self._count(base, here)
            self._bases, self._step_at = (here, here), None

    def _count(self, base: Base, here: Base) -> None:
        step, answer = here.all - base.all, here.grid - base.grid
        if abs(step) < STEP or abs(here.leading - base.leading) < STEP:
            return  # made up for by what follows the house, or taken back
        if abs(answer + step) <= ALIKE * abs(step):
            self._right, self._wrong = self._right + 1, 0
        elif abs(answer - step) <= ALIKE * abs(step):
            self._right, self._wrong = 0, self._wrong + 1
        if self._wrong >= ROW:
            self._flipped = True
        elif self._right >= ROW:
            self._flipped = False


def added(seen: Mapping[str, Seen]) -> tuple[Seen | None, Sum]:
    """The grid meter, and what the other devices do together as far as they tell."""
    meter, total, bit = None, Sum(), 1
    for each in seen.values():
        function = each.function
        if function == "grid-meter":
            meter = each
        sign = SIGNS.get(function)
        if sign is None:
            continue
        bit <<= 1
        power = each.reading.get("power")
        if power is None and function == "battery":
            power = each.reading.get("battery_power")
        if power.__class__ is not float and power.__class__ is not int:
            continue
        watts = sign * power
        total.all += watts
        total.who |= bit
        if function in FOLLOW:
            total.following += watts
    return meter, total

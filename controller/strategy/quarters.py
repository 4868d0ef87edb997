"""A mean over quarter-hours that is never exceeded: what was fed since the quarter began, and what it still leaves.

The wall clock says which quarter it is; what is fed is added up over monotonic time. Between two looks the larger of
both powers counts. Whoever follows `leaves` has at each instant of a quarter fed at most the mean times the time that
has passed; that much is assumed of a quarter whose beginning nobody has seen, and after a step of the wall clock or a
start the mean itself bounds each instant for the length of a quarter, whichever way quarters lie.
"""

from dataclasses import dataclass

STEP = 1.0  # s between wall clock and monotonic time that are a step of the wall clock
GAP = 10.0  # s without a look, after which nobody knows what was fed
SPARE = 0.005  # of what a quarter leaves: looks are not a meter


@dataclass(frozen=True, slots=True)
class Quarter:
    """`fed`: Ws in quarter number `number`. `power`: W that were fed at the last look. `bounded`: until monotonic s."""

    number: int
    fed: float
    power: float
    time: float
    monotonic: float
    bounded: float


def begun(time: float, monotonic: float, window: float, mean: float) -> Quarter:
    """A quarter of which only the rest is seen."""
    return Quarter(int(time // window), mean * (time % window), mean, time, monotonic, monotonic + window)


def looked(before: Quarter, time: float, monotonic: float, window: float, power: float, most: float) -> Quarter:
    """One look later: `power` W are fed now, `most` W may have been while nobody looked."""
    elapsed = max(monotonic - before.monotonic, 0.0)
    stepped = abs((time - before.time) - elapsed) > STEP
    flowed = max(before.power, power, most if elapsed > GAP else 0.0)
    number = int(time // window)
    if stepped:  # nobody knows which clock was right: what was fed is kept, and no quarter may use what another saved
        fed, bounded = before.fed + flowed * elapsed, monotonic + window
    elif number != before.number:
        fed, bounded = flowed * min(elapsed, time % window), before.bounded
    else:
        fed, bounded = before.fed + flowed * elapsed, before.bounded
    return Quarter(number, fed, power, time, monotonic, bounded)


def leaves(quarter: Quarter, window: float, mean: float, takes: float, reaction: float) -> float:
    """W that may be fed from now on.

    `takes`: W that the house takes; all of them are fed for `reaction` s when its loads go off, so they are kept back.
    Neither is more allowed than what the next quarter can make good while generators react to its limit.
    """
    rest = max(window - quarter.time % window, 1.0)
    reserve = max(takes, 0.0) * min(reaction, rest)
    left = ((1 - SPARE) * mean * window - quarter.fed - reserve) / rest
    most = mean if quarter.monotonic < quarter.bounded else mean * window / (2 * reaction)
    return min(max(left, 0.0), most)

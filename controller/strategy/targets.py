"""A car that has to have its energy at a certain time: when surplus no longer gets it there, and whether it got it.

A target holds once for each time that a car is plugged in, until its first `target_time` of local clocks. What has been
charged is what the station's counter shows above what it showed when the car came; a counter that starts anew counts
from 0.

Unknown: without a counter the car counts with what is known to have been charged last, at first nothing, so that it is
rather charged too early than too late.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from controller.settings import Charging
from controller.strategy.view import Seen

LOCAL = ZoneInfo("Europe/Berlin")
COUNTERS = ("session_energy", "energy")
MARGIN, EARLY = 1.1, 300.0  # times the seconds that it takes at full power, and seconds on top


@dataclass(frozen=True, slots=True)
class Progress:
    """Since when (monotonic s, and UTC) a car is there, Wh on the `counter` then, Wh charged since.

    `hurried`: it charges fast, until it has its energy. `over`: it has it, or the time has passed.
    """

    since: float
    since_time: float
    base: float | None = None
    counter: str = ""
    charged: float = 0.0
    hurried: bool = False
    over: bool = False


def progressed(progress: Progress, charger: Seen, came: bool) -> Progress:
    """With what the counter shows now. `came`: the car was seen coming, what a session shows before is an older one."""
    name = progress.counter or next((each for each in COUNTERS if charger.number(each) is not None), "")
    shown = charger.number(name) if name else None
    if shown is None:
        return progress
    base = progress.base
    if base is None:
        base = 0.0 if name == "session_energy" and not came else shown
    elif shown < base:
        base = 0.0
    return replace(progress, base=base, counter=name, charged=max(progress.charged, shown - base))


def hurry(
    progress: Progress, wanted: Charging, power: float, now: float, utc: float
) -> tuple[Progress, str, str]:  # fmt: skip
    """Whether it has to charge at `power` W, the most that it can: why, or "", and what has to be told, or ""."""
    if wanted.target_energy is None or wanted.target_time is None or progress.over:
        return progress, "", ""
    lacking = wanted.target_energy - progress.charged
    if lacking <= 0:
        return replace(progress, over=True, hurried=False), "", ""
    left = deadline(utc - (now - progress.since), wanted.target_time) - utc
    until = f"{wanted.target_time:%H:%M}"
    if left <= 0:
        told = f"target missed: {progress.charged / 1000:.1f} of {wanted.target_energy / 1000:.1f} kWh at {until}"
        return replace(progress, over=True, hurried=False), "", told
    if not progress.hurried and left > lacking / power * 3600 * MARGIN + EARLY:
        return progress, "", ""
    return replace(progress, hurried=True), f"{lacking / 1000:.1f} kWh more until {until}", ""


def deadline(since: float, at: time) -> float:
    """The first time that local clocks show `at` after `since`; both s since 1970."""
    begin = datetime.fromtimestamp(since, LOCAL)
    end = datetime.combine(begin.date(), at, LOCAL)
    if end.timestamp() <= since:
        end = datetime.combine(begin.date() + timedelta(days=1), at, LOCAL)
    return end.timestamp()

"""What a meter's registers show that its twin does not say: quadrants, means, transformers, settings, resets.

`[behaviour]` of the family file: `settings` as delivered by name, `ranges` of those that have one ([lowest, highest]),
`outside` = "refused" or "default" for a value beyond its range, `averaging` in s, `ct` and `vt` as mounted, each
[primary, secondary], or `ct_ratio`, `hours` of operation at start, `partial`: what partial counters have of the whole.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from emulators.faces.means import Means
from emulators.faces.quadrants import PARTIAL, Quadrants
from emulators.faces.transformers import Transformers
from emulators.family.meter_shown import MeterShown
from emulators.family.profile import Facts
from emulators.table.answers import IllegalValue
from emulators.wires.device import Device
from twin.meter import ElectricityMeter

DIRECT = (1.0, 1.0)


class Kept:
    """Settings that a meter keeps as written; beyond its range one is refused, or becomes what was delivered."""

    def __init__(
        self, delivered: Mapping[str, float], ranges: Mapping[str, Sequence[float]], outside: str = "refused"
    ) -> None:
        vars(self).update(delivered, _delivered=dict(delivered), _ranges=ranges, _outside=outside)

    def __setattr__(self, name: str, value: float) -> None:
        low, high = vars(self)["_ranges"].get(name, (value, value))
        if not low <= value <= high:
            if vars(self)["_outside"] == "refused":
                raise IllegalValue(f"{name} {value:g} is not from {low:g} to {high:g}")
            value = vars(self)["_delivered"][name]
        vars(self)[name] = value


class Metering:
    """A meter as its family file describes it; `parts` answer for the registers."""

    def __init__(self, twin: ElectricityMeter, facts: Facts, device: Device) -> None:
        more = facts.more
        self._twin, self._clock, self._start = twin, device.clock, device.clock()
        self._hours = float(more.get("hours", 4321.5))
        self._quadrants = Quadrants(twin, float(more.get("partial", PARTIAL)))
        shown = MeterShown(twin)
        ct = _pair("ct", more.get("ct", (float(more.get("ct_ratio", 1)), 1.0)))
        transformers = Transformers((self._quadrants, shown), ct, _pair("vt", more.get("vt", DIRECT)))
        self._sources = transformers, self._quadrants, shown
        self._averaging = float(more.get("averaging", 900.0))
        settings = {"node": device.unit, **more.get("settings", {})}
        kept = Kept(settings, more.get("ranges", {}), more.get("outside", "refused"))
        self._means = Means(self._sources, device.clock, self._averaging)
        self.parts: tuple[Any, ...] = (transformers, self._means, self._quadrants, kept)

    def reboot(self) -> None:
        """Means begin anew; counters and settings are kept."""
        self._means.forget()

    def mean(self, quantity: str) -> float | None:
        """Sliding mean of any quantity that the meter shows; AttributeError for one that it does not have."""
        value: float | None = getattr(self._means, f"mean_{quantity}")
        return value

    @property
    def unix_time(self) -> int:
        """s, UTC."""
        return int(self._clock())

    @property
    def hours(self) -> float:
        """h in operation."""
        return self._hours + (self._clock() - self._start) / 3600

    @property
    def reset_partial(self) -> int:
        """0: done. 1 begins partial counters and peaks anew, nothing else has an effect."""
        return 0

    @reset_partial.setter
    def reset_partial(self, code: float) -> None:
        if code == 1:
            self._quadrants.begin_anew()
            self._means.forget_peaks()

    @property
    def reset_totals(self) -> int:
        """0: done. 1 sets the counters of energy to 0, nothing else has an effect."""
        return 0

    @reset_totals.setter
    def reset_totals(self, code: float) -> None:
        if code == 1:
            self._twin.import_energy = self._twin.export_energy = 0.0

    @property
    def reset_hours(self) -> int:
        """0: done. 1 counts the hours from 0, nothing else has an effect."""
        return 0

    @reset_hours.setter
    def reset_hours(self, code: float) -> None:
        if code == 1:
            self._hours, self._start = 0.0, self._clock()


def _pair(name: str, told: Sequence[float]) -> tuple[float, float]:
    """Transformers as they are mounted, primary and secondary; ValueError for any other number of numbers."""
    if len(told) != 2:
        raise ValueError(f"{name} is 2 numbers, not {list(told)}")
    return told[0], told[1]

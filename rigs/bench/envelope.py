"""The envelope of a place: what may be set, how fast, how often, when. It judges values; `rigs.bench.guard` finds them.

Nothing that is not limited may be set: a power setpoint needs `power`, a current `current`.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

from controller.errors import DeviceError, HemError
from rigs.bench.benchfile import EnvelopeSettings

MINUTE, DAY = 60.0, 86_400.0
UNITS = {"W": "W", "A": "A", "soc": "%"}
LEAST_STEP = 1.0  # s that a change of a setpoint counts as having taken at least


class EnvelopeViolation(HemError):
    """Something was about to be written that must not be. No DeviceError: no driver may take it for a busy device."""

    def __init__(self, place: str, what: str, raw: bytes) -> None:
        self.place, self.what, self.raw = place, what, raw
        super().__init__(f"{place}: {what}; blocked {raw.hex(' ') if len(raw) <= 64 else raw[:64].hex(' ') + ' ...'}")


class Unidentified(DeviceError):
    """Nothing is written yet: since the line was opened the device has not said who it is."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The two clocks an envelope needs: s that never step, and the local time of day."""

    monotonic: Callable[[], float]
    now: Callable[[], float]

    def time_of_day(self) -> time:
        return datetime.fromtimestamp(self.now()).time()


class Envelope:
    """What a bench file allows of one device, with what has been used up of it."""

    def __init__(self, limits: EnvelopeSettings, clock: Clock, flash_before: int = 0) -> None:
        self.limits, self._clock = limits, clock
        self.soc: float | None = None  # % as the device told it last
        self._writes: deque[float] = deque()
        self._flash = flash_before
        self._flash_since = clock.monotonic()
        self._last: dict[object, tuple[float, float]] = {}  # setpoint -> value, when

    def hours(self) -> str:
        """Why nothing may be written now, empty when it may."""
        now, allowed = self._clock.time_of_day(), self.limits.hours
        if not allowed or any(_within(first, now, last) for first, last in allowed):
            return ""
        shown = ", ".join(f"{first:%H:%M}-{last:%H:%M}" for first, last in allowed)
        return f"it is {now:%H:%M}, writes are allowed {shown}"

    def forbidden(self, address: int, count: int) -> str:
        for first, last in self.limits.forbidden:
            if address <= last and address + count > first:
                return (
                    f"registers {first} to {last} are forbidden" if last > first else f"register {first} is forbidden"
                )
        return ""

    def often(self) -> str:
        """Why no further write may follow now: there were too many in the last minute."""
        now = self._clock.monotonic()
        while self._writes and now - self._writes[0] >= MINUTE:
            self._writes.popleft()
        most = self.limits.writes_per_minute
        return f"{len(self._writes)} writes in a minute, {most} are allowed" if len(self._writes) >= most else ""

    def wears(self) -> str:
        """Why nothing that wears may be written now."""
        if self._clock.monotonic() - self._flash_since >= DAY:
            self._flash, self._flash_since = 0, self._clock.monotonic()
        most = self.limits.flash_per_day
        return f"{self._flash} writes to flash today, {most} are allowed" if self._flash >= most else ""

    def magnitude(self, sort: str, value: float) -> str:
        """Why a register may not be given this, whatever its sign means in the device."""
        if sort == "soc":
            low, high = self.limits.soc
            return "" if low <= value <= high else f"{value:g} %: the envelope allows {low:g} to {high:g} %"
        limits = self.limits.power if sort == "W" else self.limits.current
        if limits is None:
            return f"{value:g} {UNITS[sort]}: the envelope says nothing of {'power' if sort == 'W' else 'current'}"
        most = max(abs(limits[0]), abs(limits[1]))
        return (
            "" if abs(value) <= most else f"{value:g} {UNITS[sort]}: the envelope allows at most {most:g} {UNITS[sort]}"
        )

    def steep(self, setpoint: object, sort: str, value: float) -> str:
        """Why a setpoint may not change that far now."""
        rate = {"W": self.limits.rate, "A": self.limits.current_rate}.get(sort)
        if rate is None or setpoint not in self._last:
            return ""
        before, when = self._last[setpoint]
        seconds = max(self._clock.monotonic() - when, LEAST_STEP)
        if abs(value - before) <= rate * seconds:
            return ""
        unit = UNITS[sort]
        return f"{before:g} to {value:g} {unit} within {seconds:.1f} s: the envelope allows {rate:g} {unit} each second"

    def effect(self, quantity: str, value: float) -> str:
        """Why the device may not be brought to do this; in the signs of the house."""
        if quantity == "current_limit":
            least, most = self.limits.current or (0.0, 0.0)
            if value > most:
                return f"lets {value:g} A flow: the envelope allows at most {most:g} A"
            return ""
        least, most = self.limits.power or (0.0, 0.0)
        if quantity in ("max_charge", "max_discharge"):
            bound = max(-least, 0.0) if quantity == "max_charge" else max(most, 0.0)
            verb = "charge" if quantity == "max_charge" else "discharge"
            return f"lets it {verb} with {value:g} W: the envelope allows {bound:g} W" if value > bound else ""
        if quantity == "power_limit":
            return f"lets it feed {value:g} W: the envelope allows {most:g} W" if value > most else ""
        if not least <= value <= most:
            return f"commands {value:g} W: the envelope allows {least:g} to {most:g} W"
        return self._stored(quantity, value)

    def asked(self, request: str) -> str:
        """Why a heat pump may not be asked for this."""
        allowed = ", ".join(self.limits.states) or "none"
        return "" if request in self.limits.states else f"asks the pump for {request}: the envelope allows {allowed}"

    def _stored(self, quantity: str, value: float) -> str:
        """Whether the battery may go on in this direction, as full or as empty as it is."""
        low, high = self.limits.soc
        if quantity != "battery_setpoint" or not value or (low, high) == (0.0, 100.0):
            return ""
        if self.soc is None:
            return (
                f"commands {value:g} W: nobody has read the state of charge, the envelope allows {low:g} to {high:g} %"
            )
        if value > 0 and self.soc <= low:
            return f"discharges at {self.soc:g} %: the envelope allows down to {low:g} %"
        if value < 0 and self.soc >= high:
            return f"charges at {self.soc:g} %: the envelope allows up to {high:g} %"
        return ""

    def held(self, setpoint: object, value: float) -> None:
        """What a setpoint was when the bench came."""
        self._last.setdefault(setpoint, (value, self._clock.monotonic()))

    def passed(self, setpoints: dict[object, float], *, flash: bool) -> None:
        """A write has been let through."""
        now = self._clock.monotonic()
        self._writes.append(now)
        self._flash += flash
        for setpoint, value in setpoints.items():
            if setpoint not in self._last or self._last[setpoint][0] != value:
                self._last[setpoint] = (value, now)


def _within(first: time, now: time, last: time) -> bool:
    return first <= now < last if first <= last else now >= first or now < last

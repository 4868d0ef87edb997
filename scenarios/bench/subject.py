"""What a story has in its hands that is told of real and emulated devices alike: no truth, only what can be asked.

An emulated device is asked in virtual time, a real one behind its guard in real time. What is measured of an emulated
one is its twin's truth; of a real one the meter that the bench file wires to it, or else what it says of itself.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from controller.compatibility.rows import Row, row
from controller.devices import Identity, Reading
from controller.errors import DeviceError
from emulators.family.profile import profile_for
from rigs.bench.benchfile import EnvelopeSettings, PlaceSettings
from rigs.bench.places import RealPlace
from rigs.bench.proxy import Proxy
from scenarios.bench.bench import Bench
from scenarios.bench.commands import ready
from scenarios.bench.demands import exempted
from scenarios.bench.record import Record
from scenarios.kinds.kind import Kind, kind_of

REVERSED = frozenset({"pv-inverter", "battery-inverter", "chp", "fuel-cell"})  # the meter shows what they feed below 0


class Subject(Protocol):
    """One device under a story that may be told of a real one."""

    record: Record
    driver: Any
    row: Row
    protocol: str
    wired: bool
    possible: tuple[str, ...]

    @property
    def kind(self) -> Kind: ...

    @property
    def serial(self) -> bool:
        """Whether it is on a serial line."""
        ...

    def exempt(self, what: str) -> str: ...

    def told(self) -> dict[str, Any]:
        """What an instrument beside it shows, as far as there is one."""
        ...

    def allowed(self, method: str) -> float | None:
        """A value for this command that may be given here; None when it may not."""
        ...

    @property
    def whole(self) -> bool:
        """Whether all that the device can do may be done here."""
        ...

    @property
    def waits(self) -> float:
        """s that may be waited for a device to do something by itself."""
        ...

    def writes(self) -> int: ...

    def monotonic(self) -> float: ...

    def begin(self, fault: str) -> None: ...

    def end(self, fault: str) -> None: ...

    async def prepared(self) -> None: ...

    async def freed(self) -> None:
        """From what it was commanded."""
        ...

    async def measured(self, quantity: str) -> float | None: ...

    async def sleep(self, seconds: float) -> None: ...


@dataclass
class EmulatedSubject:
    """An emulated device, in virtual time."""

    bench: Bench
    wired: bool = False  # whether the twin is asked as a meter beside it

    def __post_init__(self) -> None:
        self.record, self.driver = self.bench.record, self.bench.driver
        self.row, self.protocol = self.bench.row, self.bench.protocol
        can = ("half-open", "split-reply", "noise", "late-reply")
        self.possible = tuple(fault for fault in can if fault in self.bench.device.possible)

    @property
    def kind(self) -> Kind:
        return self.bench.kind

    @property
    def serial(self) -> bool:
        return self.bench.installation.serial is not None

    def exempt(self, what: str) -> str:
        return self.bench.exempt(what)

    def told(self) -> dict[str, Any]:
        return {}

    def allowed(self, method: str) -> float | None:
        if not self.bench.asked(method):
            return None
        rating = self.bench.rating
        return within(method, EnvelopeSettings(power=(-rating, rating), current=(0.0, 16.0)))

    @property
    def whole(self) -> bool:
        return True

    @property
    def waits(self) -> float:
        return float("inf")

    def writes(self) -> int:
        return len(self.bench.writes())

    def monotonic(self) -> float:
        return self.bench.clock.monotonic()

    def begin(self, fault: str) -> None:
        self.bench.device.begin(fault, **parameters(fault))

    def end(self, fault: str) -> None:
        self.bench.device.end(fault)

    async def prepared(self) -> None:
        ready(self.bench)

    async def freed(self) -> None:
        await self.driver.release()

    async def measured(self, quantity: str) -> float | None:
        value = self.bench.truth(quantity)
        return float(value) if isinstance(value, int | float) else None

    async def sleep(self, seconds: float) -> None:
        await self.bench.sleep(seconds)


@dataclass
class RealSubject:
    """A real device behind its guard. `meter`: the place that measures it. `proxy`: where its line can be broken.

    `longest`: s that it may be waited for.
    """

    place: RealPlace
    record: Record
    meter: RealPlace | None = None
    proxy: Proxy | None = None
    longest: float = 60.0
    driver: Any = None
    row: Row = field(init=False)

    def __post_init__(self) -> None:
        self.driver = self.place.driver()
        self.row, self.protocol = row(self.settings.row), self.settings.protocol
        self.wired = self.meter is not None
        self.possible: tuple[str, ...] = self.proxy.possible if self.proxy is not None else ()

    @property
    def settings(self) -> PlaceSettings:
        return self.place.settings

    @property
    def kind(self) -> Kind:
        return kind_of(self.row.section)

    @property
    def serial(self) -> bool:
        return bool(self.settings.line and self.settings.line.device)

    def exempt(self, what: str) -> str:
        family = profile_for(self.row.row, self.protocol)
        return exempted(family, self.row.row, what) if family is not None else ""

    def told(self) -> dict[str, Any]:
        return dict(self.settings.truth)

    def allowed(self, method: str) -> float | None:
        if self.settings.envelope is None or not callable(getattr(self.driver, method, None)):
            return None
        return within(method, self.settings.envelope)

    @property
    def whole(self) -> bool:
        limits, twin = self.settings.envelope, self.place.guard.rehearsal.installation.main.twin
        if limits is None:
            return False
        watts, amperes = limits.power or (0.0, 0.0), limits.current or (0.0, 0.0)
        enough = amperes[1] if hasattr(twin, "max_current") else watts[1]
        return enough >= float(getattr(twin, "max_current", self.place.guard.rehearsal.rated_power))

    @property
    def waits(self) -> float:
        return self.longest

    def as_row(self, number: int) -> Any:
        """The driver of another row on this line."""
        return self.place.driver_as(number)

    def writes(self) -> int:
        return self.place.guard.passed

    def monotonic(self) -> float:
        return self.place.clock.monotonic()

    def begin(self, fault: str) -> None:
        assert self.proxy is not None
        self.proxy.begin(fault, **parameters(fault, self.place.timeout))

    def end(self, fault: str) -> None:
        assert self.proxy is not None
        self.proxy.end(fault)

    async def prepared(self) -> None:
        """What only a person can bring about, sun or a car, is there."""

    async def freed(self) -> None:
        """The restorer puts back what it held: a release may let flow more than the envelope does."""

    async def measured(self, quantity: str) -> float | None:
        if self.meter is not None and quantity == "power":
            value = (await self.meter.driver().read()).get("power")
            sign = -1.0 if self.row.section in REVERSED else 1.0
            return sign * float(value) if isinstance(value, int | float) else None
        value = (await self.driver.read()).get(quantity)
        return float(value) if isinstance(value, int | float) else None

    async def sleep(self, seconds: float) -> None:
        await self.place.clock.sleep(seconds)


LATE = 1.3  # of the time that a line waits for an answer


def parameters(fault: str, timeout: float = 1.0) -> dict[str, float]:
    return {"seconds": LATE * timeout} if fault == "late-reply" else {}


def within(method: str, limits: EnvelopeSettings) -> float | None:
    """A telling value for a command inside an envelope, None where it leaves no room for one."""
    least, most = limits.power or (0.0, 0.0)
    amperes = limits.current[1] if limits.current is not None else 0.0
    values = {
        "limit_power": 0.6 * most, "discharge": 0.5 * most, "charge": -0.5 * least, "set_power": 0.5 * most,
        "limit_current": min(max(float(int(0.75 * amperes)), 6.0), amperes),
    }  # fmt: skip
    value = values.get(method, 0.0)
    return value if value >= (6.0 if method == "limit_current" else 100.0) else None


async def attempt(action: Callable[[], Awaitable[Any]]) -> Any:
    """The result of `action`, or the DeviceError it ended in."""
    try:
        return await action()
    except DeviceError as error:
        return error


__all__ = ["EmulatedSubject", "Identity", "Reading", "RealSubject", "Subject", "attempt"]

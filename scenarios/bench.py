"""One device under test in virtual time: its emulator, the real driver, and the line between them."""

from collections.abc import Awaitable, Callable
from typing import Any

from controller.compatibility.rows import Row, row
from controller.devices import Driver, Identity, Reading
from controller.drivers.catalogue import driver_for
from controller.errors import DeviceError
from emulators.build import Installation, build
from emulators.device import Device
from emulators.profile import Profile, profile_for
from rigs.simulated import SimClock, environment, line_for, run
from scenarios.record import Failed, Record
from scenarios.truths import telling, tolerance

SETTLE = 0.2  # s, a breath between two looks


class Bench:
    """What a story has in its hands. `driver`, `device` and `record` are the story's own; nothing is shared."""

    def __init__(
        self, number: int, protocol: str, model: str | None = None, *, driver: type[Driver] | None = None,
        profile: Profile | None = None, row_of_driver: int | None = None, unit: int | None = None,
    ) -> None:  # fmt: skip
        self.env = environment()
        self.start = float(self.env.now)
        self.record = Record()
        self.row: Row = row(number)
        self.protocol = protocol
        family = profile or profile_for(number, protocol)
        if family is None:
            raise Failed(f"row {number} on {protocol}: no emulator")
        self.profile = family
        self.installation: Installation = build(
            number, protocol, clock=lambda: float(self.env.now), model=model, unit=unit, profile=profile
        )
        self.clock = SimClock(self.env)
        self.line = line_for(self.env, self.installation, frames=self.record.frames)
        self.driver_class: Any = driver or driver_for(number, protocol)
        make: Any = self.driver_class
        self.driver: Any = make(  # Any: stories ask for capabilities by method, see controller.devices
            self.line, self.clock, unit, row=row_of_driver or number, model=self.device.model
        )

    # the device's side

    @property
    def device(self) -> Device:
        return self.installation.main

    @property
    def twin(self) -> Any:
        return self.device.twin

    @property
    def kind(self) -> str:
        return self.profile.kind

    @property
    def rating(self) -> float:
        """What the device can do at most in W."""
        return float(getattr(self.twin, "rated_power", 0.0) or 0.0)

    def truth(self, quantity: str) -> Any:
        """What is true now."""
        self.device.wake()
        return getattr(self.twin, quantity, None)

    def set(self, **values: Any) -> None:
        """Set the truth; quantities that the twin does not have are left out."""
        self.device.wake()
        for name, value in values.items():
            if name in self.twin.quantities:
                self.twin.set(name, value)

    def set_telling(self, turn: int) -> dict[str, Any]:
        """Telling values as truth, as far as the twin has them; returns those set."""
        values = telling(self.kind, self.rating, getattr(self.twin, "phases", 3), turn)
        self.set(**values)
        return {name: value for name, value in values.items() if name in self.twin.quantities}

    def writes(self, since: int = 0) -> list[Any]:
        return [write for device in self.installation.devices for write in device.writes][since:]

    # the controller's side

    def can(self, *methods: str) -> bool:
        """Whether the driver offers these commands."""
        return all(callable(getattr(self.driver, name, None)) for name in methods)

    @property
    def controllable(self) -> bool:
        return self.can("release")

    async def identify(self) -> Identity:
        identity: Identity = await self.driver.identify()
        return identity

    async def read(self) -> Reading:
        reading: Reading = await self.driver.read()
        return reading

    async def attempt(self, action: Callable[[], Awaitable[Any]]) -> Any:
        """The result of `action`, or the DeviceError it ended in. Anything else is a defect and goes up."""
        try:
            return await action()
        except DeviceError as error:
            return error

    async def sleep(self, seconds: float) -> None:
        await self.clock.sleep(seconds)

    async def eventually(self, holds: Callable[[], bool], within: float, step: float = 0.5) -> float | None:
        """Seconds until `holds`, None when it does not within `within` seconds."""
        begin = self.clock.now()
        while not holds():
            if self.clock.now() - begin > within:
                return None
            await self.sleep(step)
        return self.clock.now() - begin

    def compare(self, reading: Reading, when: str) -> int:
        """Check every quantity of a reading that the twin knows against the truth; how many there were."""
        compared = 0
        for quantity, found in reading.items():
            if quantity not in self.twin.quantities:
                continue
            expected = self.truth(quantity)
            if expected is None and found is None:
                continue
            compared += 1
            what = f"{quantity} {when}"
            if isinstance(expected, bool) or not isinstance(expected, int | float):
                self.record.check(what, found == expected, expected, found)
            else:
                self.record.close(what, found, float(expected), tolerance(quantity, float(expected)))
        return compared

    def note(self, setpoint: float | None) -> None:
        """Put setpoint and measured power into the trace."""
        self.record.trace.append((self.clock.now(), setpoint, float(self.truth("power") or 0.0)))

    def tell(self, story: Callable[["Bench"], Awaitable[None]]) -> None:
        """Run a story to its end in virtual time."""
        run(self.env, story(self))  # type: ignore[arg-type]
        self.record.figures["virtual_seconds"] = float(self.env.now) - self.start
        self.record.figures["exchanges"] = float(sum(way == ">" for _, way, _ in self.record.frames))

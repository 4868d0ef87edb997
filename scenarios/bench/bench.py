"""One device under test in virtual time: its emulator, the real driver, and the line between them."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from controller.compatibility.rows import Row, row
from controller.devices import Driver, Identity, Reading
from controller.drivers.serving import driver_for
from controller.errors import DeviceError
from emulators.family.build import Installation, build
from emulators.family.profile import Facts, Profile, profile_for
from emulators.wires.device import Device
from rigs.simulated import SimClock, environment, line_for, run
from scenarios.bench.demands import demanded_commands, exempted
from scenarios.bench.prices import differing
from scenarios.bench.record import Failed, Record
from scenarios.kinds.kind import Kind, kind_of
from scenarios.kinds.truths import tolerance

SETTLE = 0.2  # s, a breath between two looks
# What a device says of the meter at the grid connection and of its battery, and what those call it themselves.
AT_THE_METER = {"grid_power": "power", "import_energy": "import_energy", "export_energy": "export_energy"}
OF_THE_BATTERY = ("battery_power", "soc", "capacity", "charge_energy", "discharge_energy")


class Bench:
    """What a story has in its hands. `driver`, `device` and `record` are the story's own; nothing is shared."""

    def __init__(
        self, number: int, protocol: str, model: str | None = None, *, driver: type[Driver] | None = None,
        profile: Profile | None = None, row_of_driver: int | None = None, unit: int | None = None,
        options: Mapping[str, Any] | None = None, record: Record | None = None,
    ) -> None:  # fmt: skip
        self.env = environment()
        self.start = float(self.env.now)
        self.record = record or Record()
        self.lacks: frozenset[str] = frozenset()  # quantities that this installation does not have
        self.tells: frozenset[str] = frozenset()  # quantities that this installation has besides
        self.steps: Mapping[str, float] = {}  # by quantity: what this device can tell apart, where that is coarser
        self.rests: float | None = None  # W of this installation when nobody commands it, where that is its own
        self.new = False  # whether it calls itself as nobody has listed
        self.person = ""  # what a person at the device does before it can be commanded
        self.unit = unit
        self.row: Row = row(number)
        self.protocol = protocol
        family = profile or profile_for(number, protocol)
        if family is None:
            raise Failed(f"row {number} on {protocol}: no emulator")
        self.profile = family
        self.installation: Installation = build(
            number, protocol, clock=lambda: float(self.env.now), model=model, unit=unit, profile=profile,
            **(options or {}),
        )  # fmt: skip
        self.clock = SimClock(self.env)
        self.steps = self.facts.more.get("steps", {})
        self.line = line_for(self.env, self.installation, frames=self.record.frames)
        self.driver_class: Any = driver or driver_for(number, protocol)
        self.driven_as = row_of_driver or number
        self.driver: Any = self.newcomer()  # Any: stories ask for capabilities by method, see controller.devices

    # the device's side

    @property
    def device(self) -> Device:
        return self.installation.main

    @property
    def twin(self) -> Any:
        return self.device.twin

    @property
    def section(self) -> str:
        """The section of the list."""
        return self.profile.kind

    @property
    def kind(self) -> Kind:
        """What is demanded of a device of this section, and how the world around it is."""
        return kind_of(self.profile.kind)

    def asked(self, command: str) -> bool:
        """Whether a driver has to give this command here: by the kind, unless the list or the maker says otherwise."""
        return command in demanded_commands(self) and not self.exempt(command)

    def exempt(self, what: str) -> str:
        """Why a quantity or command of the kind is not demanded of this row, empty when it is."""
        return exempted(self.profile, self.row.row, what)

    @property
    def facts(self) -> Facts:
        """What the family's file says of this model."""
        return next(each for each in self.profile.models_of(self.row.row) if each.name == self.device.model)

    @property
    def rating(self) -> float:
        """What the device can do at most in W."""
        return float(getattr(self.twin, "rated_power", 0.0) or 0.0)

    def whose(self, quantity: str) -> tuple[Any, str] | None:
        """Who knows a quantity, and by which name: the row's device, its battery or meter, or its face."""
        coupled = "battery" in self.device.beside  # on the DC side of a PV inverter
        if quantity in self.twin.quantities and not (coupled and quantity == "dc_power"):
            return self.twin, quantity
        if coupled and quantity == "pv_power":
            return self.twin, "dc_power"
        for name, twin in self.beside.items():
            known = AT_THE_METER.get(quantity, "") if name == "meter" else quantity
            if known in (twin.quantities if name == "meter" else OF_THE_BATTERY):
                return twin, known
        parts = getattr(self.device.face, "parts", ()) if quantity in AT_THE_METER else ()
        owners = (*parts, self.device.face, self.twin)
        return next(((owner, quantity) for owner in owners if not callable(getattr(owner, quantity, len))), None)

    @property
    def battery(self) -> Any:
        """The twin of the battery: one that the device shows and commands, or the row's own; None without any."""
        return self.beside.get("battery") or (self.twin if "battery_power" in self.twin.quantities else None)

    @property
    def solar(self) -> bool:
        """Whether PV stands on the DC side of this battery inverter, by what its family file has it tell."""
        return self.row.row in self.profile.data.get("solar", ())

    @property
    def beside(self) -> Mapping[str, Any]:
        """Twins that the device shows besides its own, by role: battery, meter."""
        found = dict(self.device.beside)
        for part in getattr(self.device.face, "parts", ()):
            if "battery" not in found and getattr(part, "battery", None) is not None:
                found["battery"] = part.battery
        return found

    def knows(self, quantity: str) -> bool:
        return quantity not in self.lacks and self.whose(quantity) is not None

    def truth(self, quantity: str) -> Any:
        """What is true now, None for what this installation does not have."""
        self.device.wake()
        if quantity in self.lacks:
            return None
        owner, name = self.whose(quantity) or (self.twin, quantity)
        return getattr(owner, name, None)

    def set(self, **values: Any) -> None:
        """Set the truth; quantities that nobody has are left out."""
        self.device.wake()
        for quantity, value in values.items():
            found = self.whose(quantity)
            if found is not None and found[1] in getattr(found[0], "quantities", ()):
                found[0].set(found[1], value)

    def set_telling(self, turn: int) -> dict[str, Any]:
        """Telling values as truth, as far as the twins have them; returns those of the row's own device."""
        sun = "pv_power" in self.twin.quantities
        values = self.kind.truth(self.rating, getattr(self.twin, "phases", 3), turn, sun)
        own = {name: value for name, value in values.items() if name in self.twin.quantities}
        self.set(**own)
        for twin in self.beside.values():
            battery = "soc" in twin.quantities
            kind = "battery-inverter" if battery else "electricity-meter"
            for name, value in kind_of(kind).truth(getattr(twin, "rated_power", 0.0), twin.phases, turn, True).items():
                if battery and name.endswith("energy"):
                    value /= 10  # counters of a DC input are small
                if name in (OF_THE_BATTERY if battery else twin.quantities):
                    twin.set(name, value)
        self.set_metered(turn)
        return own

    def set_metered(self, turn: int) -> None:
        """Telling counters of the meters that the device has at the grid connection."""
        counted = kind_of("electricity-meter").truth(0.0, 3, turn, True)
        for meter in self.device.meters:
            for name in ("import_energy", "export_energy"):
                meter.set(name, counted[name])

    def writes(self, since: int = 0) -> list[Any]:
        return [write for device in self.installation.devices for write in device.writes][since:]

    # the controller's side

    def newcomer(self) -> Any:
        """A driver that knows nothing of what was before, as after a restart of the controller."""
        return self.driver_class(
            self.line, self.clock, self.unit, row=self.driven_as, model=self.device.model, **self.installer
        )

    @property
    def installer(self) -> dict[str, Any]:
        """What only an installer can tell this driver, by keyword: what the name plate says, a customer's key."""
        told = {"rated_power": self.rating, **{name: value for name, (_, value) in self.kind.installer.items()}}
        healthy = getattr(self.driver_class, "healthy", self.driver_class)
        taken = inspect.signature(healthy).parameters
        return {name: value for name, value in told.items() if name in taken and value}

    def can(self, *methods: str) -> bool:
        """Whether the driver offers these commands."""
        return all(callable(getattr(self.driver, name, None)) for name in methods)

    @property
    def controllable(self) -> bool:
        """Whether it has to take commands."""
        return self.asked("release")

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
        begin = self.clock.monotonic()
        while not holds():
            if self.clock.monotonic() - begin > within:
                return None
            await self.sleep(step)
        return self.clock.monotonic() - begin

    def compare(self, reading: Reading, when: str) -> int:
        """Check every quantity of a reading that the twin knows against the truth; how many there were."""
        compared = 0
        for quantity, found in reading.items():
            if not self.knows(quantity) or quantity in self.lacks:
                continue
            expected = self.truth(quantity)
            if expected is None and found is None:
                continue
            compared += 1
            what = f"{quantity} {when}"
            if quantity == "prices":
                wrong = differing(found, expected, self.clock.now())
                self.record.check(what, not wrong, f"{len(expected)} slots as the service has them", wrong or found)
            elif isinstance(expected, bool) or not isinstance(expected, int | float):
                self.record.check(what, found == expected, expected, found)
            else:
                self.record.close(what, found, float(expected), self.tolerance(quantity, float(expected)))
        return compared

    def tolerance(self, quantity: str, value: float) -> float:
        """How far a reading may be from the truth: as of every device of the list, or a `steps` of this one."""
        name = quantity[:-3] if quantity[-3:] in ("_l1", "_l2", "_l3") else quantity
        return max(tolerance(quantity, value), 0.6 * self.steps.get(name, 0.0))

    def note(self, setpoint: float | None, quantity: str = "power") -> None:
        """Put setpoint and measured power into the trace; of looks that all show the same, the first and the last."""
        trace, look = self.record.trace, (self.clock.monotonic(), setpoint, float(self.truth(quantity) or 0.0))
        if len(trace) > 1 and trace[-2][1:] == trace[-1][1:] == look[1:]:
            trace.pop()
        trace.append(look)

    def tell(self, story: Callable[["Bench"], Awaitable[None]]) -> None:
        """Run a story to its end in virtual time."""
        run(self.env, story(self))  # type: ignore[arg-type]
        self.record.figures["virtual_seconds"] = float(self.env.now) - self.start
        self.record.figures["exchanges"] = float(sum(way == ">" for _, way, _ in self.record.frames))

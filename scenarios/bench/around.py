"""The device under test in a house, in the real controller's hands.

A house is a site file (as data) whose first device is the one under test; around it stand partners from the list, each
emulated on its wire. `controller.installation.controller` makes the controller of it, as `hem run` does; what a story
wants of the controller it says in the site file, or asks for as a user would. The installer's keys come from the name
plate: the emulator's family file. Power at the grid connection of the one energy balance is the judge.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import simpy

from controller.compatibility.variants import variants_by_row
from controller.drivers.serving import driver_for
from controller.errors import ConfigurationError
from controller.installation import controller
from controller.sitefile import DeviceSettings, Site, check
from controller.store import Store
from emulators.family.build import Installation, build
from rigs.estate import placed, points
from rigs.simulated import line_for
from scenarios.bench.bench import Bench
from scenarios.kinds.kind import kind_of
from twin.site import Site as Physics

if TYPE_CHECKING:  # a story holds them, only the installation makes them
    from controller.hem import Hem
    from controller.members import Member
    from controller.strategy.plan import Plan

Data = dict[str, Any]

SECTIONS: Mapping[str, str] = {
    "pv": "pv-inverter", "battery": "battery-inverter", "grid-meter": "electricity-meter", "meter": "electricity-meter",
    "charger": "charging-station", "heater": "heating-rod", "ripple": "ripple-control-receiver",
    "tariff": "dynamic-tariff", "marketer": "direct-marketing",
}  # fmt: skip
"""Whose kind a partner is, by its function in the house."""
LEVEL = "3.1.0"
TABLES = {"grid": "grid", "fuses": "fuse"}
"""What a story calls a table of the site file that is not a key of the site itself."""


class House:
    """The device of a bench with `partners` around it. `own`: keys of its device in the site file, `site`: of the site.

    `twins`, and devices in the site file, go by their function unless `own` or the partner's data name them. A partner
    with the name of the device under test is that device. Serial devices with the same `line.device` share one line.
    """

    def __init__(
        self, bench: Bench, *partners: str | Data, load: float = 400.0, own: Data | None = None,
        store: Store | None = None, **site: Any,
    ) -> None:  # fmt: skip
        self.bench, self.store = bench, store
        self.name: str = (own or {}).get("name", bench.kind.function)
        self.physics = Physics(float(bench.env.now), load)
        self.twins: dict[str, Any] = {}
        self.installations: dict[str, Installation] = {}
        mine = [each for each in partners if isinstance(each, dict) and each.get("name") == self.name]
        devices: list[Data] = [own_device(bench, self.name) | (mine[0] if mine else {}) | (own or {})]
        devices += [partner(each) for each in partners if each != self.name and each not in mine]
        self.file = site_of(bench, devices, site)
        first, *others = self.file.device
        self._stand(first, bench.installation)
        for device in others:
            clock = bench.clock.monotonic
            self._stand(device, build(device.row, device.protocol, clock=clock, model=device.model, unit=device.unit))
        self.lines: list[tuple[Any, list[DeviceSettings]]] = [
            (bench.line if made is bench.installation else line_for(bench.env, made), devices)
            for made, devices in placed(self.file, self.installations)
        ]
        self.control()

    def control(self) -> None:
        """A controller of the site from nothing but its file and its store: at first, and after a restart."""
        self.hem = controlled(self.bench, self.file, self.lines, self.store)

    @property
    def plan(self) -> "Plan":
        return self.hem.strategy  # type: ignore[return-value]  # the installation gives it no other

    @property
    def member(self) -> "Member":
        """The device under test as the controller sees it."""
        return self.hem.members[self.name]

    def _stand(self, device: DeviceSettings, installation: Installation) -> None:
        self.installations[device.name] = installation
        for name, point in points(device, installation).items():
            twin: Any = point.twin
            self.twins[name] = twin
            if device.function in ("grid-meter", "meter"):
                self.physics.meter(name, twin, device.of or "grid")
            elif device.function not in ("ripple", "tariff", "marketer", "other"):
                self.physics.add(name, twin, phase=device.phase)
        for each in installation.devices:
            each.joined()

    def start(self) -> None:
        """Let the controller run: one process a line, one that decides."""
        self.processes = [self.bench.env.process(_mortal(self.hem.serve(line))) for line in self.hem.lines]
        self.processes.append(self.bench.env.process(_mortal(self.hem.steer())))

    def kill(self) -> None:
        """End the controller between two instructions, without a farewell; the lines' connections are closed."""
        for process in self.processes:
            if process.is_alive:
                process.interrupt("killed")
        for line, _ in self.lines:
            getattr(line, "close", lambda: None)()

    async def stop(self, seconds: float = 20.0) -> None:
        self.hem.stop()
        await self.bench.sleep(seconds)

    @property
    def grid(self) -> float:
        """W at the grid connection, import positive."""
        self.physics.advance(float(self.bench.env.now))
        return self.physics.grid_power

    @property
    def phases(self) -> tuple[float, float, float]:
        """W at the grid connection on each phase, import positive."""
        self.physics.advance(float(self.bench.env.now))
        return self.physics.grid_phases

    def sun(self, watts: float, name: str = "pv") -> None:
        """What the sun offers a PV inverter or hybrid."""
        twin = self.twins[name]
        if "pv_power" in twin.quantities and hasattr(twin, "pv_available"):
            twin.pv_available = watts
            twin.let_go("pv_power", "power")
        else:
            twin.available = watts
            twin.let_go("power")
        self.physics.changed()

    def load(self, watts: float) -> None:
        self.physics.set_load(watts)

    def note(self, wanted: float | None) -> None:
        self.bench.record.trace.append((self.bench.clock.now(), wanted, self.grid))

    def said(self, words: str) -> list[Any]:
        """Events of the controller that hold these words."""
        return [event for event in self.hem.log if words in event.what]


def own_device(bench: Bench, name: str) -> Data:
    """The device under test as an installer writes it down; a model that is not printed in the list he leaves out."""
    found: Data = {"name": name, "row": bench.row.row, "protocol": bench.protocol, "function": bench.kind.function}
    if bench.device.model in (each.name for each in variants_by_row().get(bench.row.row, ())):
        found["model"] = bench.device.model
    if bench.unit is not None:
        found["unit"] = bench.unit
    if bench.section == "charging-station":
        found["points"] = len(bench.installation.points)
    for key, value in bench.installer.items():
        table = bench.kind.installer.get(key, ("",))[0]
        (found.setdefault(table, {}) if table else found)[key] = value
    return found


def partner(wanted: str | Data) -> Data:
    """A partner by its function, or what the story says of it, with the function as name unless it has one.

    One of which the story says the row is what it says.
    """
    if isinstance(wanted, dict):
        if "row" in wanted:
            return wanted
        function = wanted.get("function") or wanted["name"]
        return {**(kind_of(SECTIONS[function]).partner if function in SECTIONS else {}), **wanted}
    return {"name": wanted, "function": wanted, **kind_of(SECTIONS[wanted]).partner}


def site_of(bench: Bench, devices: Sequence[Data], site: Data) -> Site:
    """The site file of these devices. `site`: keys of its table `site`, and the tables of `TABLES`.

    What only the name plate tells, and what the list's remark asks for, the installer adds where he is told to.
    """
    tables: Data = {table: site[key] for key, table in TABLES.items() if key in site}
    place = {"firmware": LEVEL, **{key: value for key, value in site.items() if key not in TABLES}}
    wanted = list(devices)
    if bench.row.row in NEEDS_METER and not any("meter" in str(each.get("function", each["name"])) for each in wanted):
        wanted.append({**partner("grid-meter"), "name": "meter", "function": "meter"})
    if bench.row.row in STORAGE:
        wanted[0] = {**wanted[0], "storage": STORAGE[bench.row.row]}
    return check({"site": place, "device": wanted, **tables})


NEEDS_METER = frozenset({19, 41, 61, 62})  # the list's remarks, read again: rules.py is what is judged
STORAGE = {51: "Tesvolt"}


def controlled(bench: Bench, site: Site, lines: Sequence[Any], store: Store | None = None) -> "Hem":
    """The product's controller of a site; the bench's driver is then the one that the controller has."""

    def drivers(row: int, protocol: str) -> Any:
        mine = (row, protocol) == (bench.row.row, bench.protocol)
        return bench.driver_class if mine else driver_for(row, protocol)

    try:
        hem = controller(site, lines, bench.clock, store=store, drivers=drivers)
    except ConfigurationError as error:
        if not error.key.endswith(".rated_power"):
            raise
        number = int(error.key.removeprefix("device[").partition("]")[0])
        if site.device[number].rated_power is not None or number:
            raise
        rated = site.device[0].model_copy(update={"rated_power": bench.facts.rated_power or bench.rating})
        again = site.model_copy(update={"device": (rated, *site.device[1:])})
        first = (lines[0][0], [rated])
        return controlled(bench, again, [first, *lines[1:]], store)
    bench.driver = next(iter(hem.members.values())).driver
    return hem


def alone(bench: Bench, **own: Any) -> House:
    """The controller with this device alone and nothing to do; with a meter where the list or a fuse asks for one.

    A charging point of one phase stands in a house of one phase: in others it may not have its full current.
    """
    charger = bench.section == "charging-station"
    place: Data = {"phases": 1} if charger and bench.twin.phases == 1 else {}
    if charger and "charging" in own and bench.twin.max_current > 32.0:  # as a station of its size has it
        own["charging"] = {**own["charging"], "maximum_current": 1000.0}
        place["fuse"] = 4000.0
    return House(bench, *(["grid-meter"] if charger else []), load=0.0, own=own, **place)


def _mortal(coroutine: Any) -> Any:
    """The controller as a process that can be killed: the interrupt ends it, and never reaches its own code."""
    steps = coroutine.__await__()
    try:
        event = next(steps)
        while True:
            try:
                value = yield event
            except simpy.Interrupt:
                steps.close()
                return
            except GeneratorExit:  # the world ends: nobody goes on
                coroutine.close()
                raise
            except BaseException as failure:
                event = steps.throw(failure)
            else:
                event = steps.send(value)
    except StopIteration:
        return


def contacts(house: House, pattern: Sequence[bool | None], name: str = "ripple") -> None:
    for number, closed in enumerate(pattern, 1):
        house.twins[name].set(f"k{number}", closed)


def allowed(pattern: Sequence[bool]) -> float:
    """What the classic table means by a pattern: the strictest of its contacts, none closed is free."""
    steps = (100.0, 60.0, 30.0, 0.0)
    return min((step for step, closed in zip(steps, pattern, strict=True) if closed), default=100.0)

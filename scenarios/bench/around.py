"""A house around one device of the list, in the real controller's hands.

Around the device stand partners from the list (PV row 1, meter row 112, wallbox row 65, heating rod row 136, ripple
receiver row 143), each emulated on its wire. Power at the grid connection of the one energy balance is the judge.
"""

from collections.abc import Sequence
from typing import Any

from controller.compatibility.levels import LEVELS
from controller.drivers.serving import claims
from controller.hem import Hem
from controller.members import PACE, Function, Member, member
from controller.strategy.household import Household, Settings
from controller.strategy.limits import Pattern
from emulators.family.build import Installation, build
from emulators.family.profile import profile_for
from rigs.simulated import line_for
from scenarios.bench.bench import Bench
from scenarios.bench.record import NotApplicable
from twin.site import Site

PARTNERS: dict[Function, tuple[int, str, str]] = {
    "pv": (1, "modbus-tcp", "STP 10.0"),
    "grid-meter": (112, "modbus-rtu", "SDM630"),
    "charger": (65, "modbus-tcp", "P30 c-serie"),
    "heater": (136, "modbus-tcp", "AC THOR"),
    "ripple": (143, "contacts", "Rundsteuerempfänger"),
}
OWN: dict[str, Function] = {
    "pv-inverter": "pv",
    "battery-inverter": "battery",
    "charging-station": "charger",
    "electricity-meter": "grid-meter",
    "heating-rod": "heater",
    "ripple-control-receiver": "ripple",
    "dynamic-tariff": "tariff",
}


class House:
    """A house around the device of a bench. `twins` and `members` by function."""

    def __init__(
        self, bench: Bench, *functions: Function, settings: Settings | None = None, load: float = 400.0
    ) -> None:
        self.bench = bench
        self.site = Site(float(bench.env.now), load)
        self.twins: dict[str, Any] = {}
        lines: list[list[Member]] = []
        own = OWN[bench.kind]
        bench.driver.pace = PACE
        mine = Member(own, bench.driver, own, bench.row.row, bench.protocol, bench.rating)
        self._stand(own, bench.installation)
        lines.append([mine])
        lines += [[self._partner(function)] for function in functions if function != own]
        self.strategy = Household(settings)
        self.hem = Hem(bench.clock, lines, self.strategy)

    def _partner(self, function: Function) -> Member:
        number, protocol, model = PARTNERS[function]
        if profile_for(number, protocol) is None or not claims().get((number, protocol)):
            raise NotApplicable(f"the partner of row {number} is not built")
        installation = build(number, protocol, clock=lambda: float(self.bench.env.now), model=model)
        self._stand(function, installation)
        line = line_for(self.bench.env, installation)
        return member(function, number, protocol, function, line, self.bench.clock, LEVELS[-1], model=model)

    def _stand(self, function: str, installation: Installation) -> None:
        twin: Any = installation.main.twin
        self.twins[function] = twin
        if function == "grid-meter":
            self.site.meter("meter", twin)
        elif function not in ("ripple", "tariff"):
            self.site.add(function, twin)

    def start(self) -> None:
        for line in self.hem.lines:
            self.bench.env.process(self.hem.serve(line))  # type: ignore[arg-type]
        self.bench.env.process(self.hem.steer())  # type: ignore[arg-type]

    async def stop(self) -> None:
        self.hem.stopping = True
        await self.bench.sleep(20.0)

    @property
    def grid(self) -> float:
        """W at the grid connection, import positive."""
        self.site.advance(float(self.bench.env.now))
        return self.site.grid_power

    def sun(self, watts: float) -> None:
        self.twins["pv"].available = watts
        self.twins["pv"].let_go("power")
        self.site.changed()

    def load(self, watts: float) -> None:
        self.site.set_load(watts)

    def note(self, wanted: float | None) -> None:
        self.bench.record.trace.append((self.bench.clock.now(), wanted, self.grid))


def contacts(house: House, pattern: Sequence[bool | None]) -> None:
    for number, closed in enumerate(pattern, 1):
        house.twins["ripple"].set(f"k{number}", closed)


def allowed(pattern: Pattern) -> float:
    """What the classic table means by a pattern: the strictest of its contacts, none closed is free."""
    steps = (100.0, 60.0, 30.0, 0.0)
    return min((step for step, closed in zip(steps, pattern, strict=True) if closed), default=100.0)


def alone(bench: Bench) -> tuple[Hem, Member]:
    """The controller with this device alone and nothing to do."""
    bench.driver.pace = PACE
    member = Member("device", bench.driver, "other", bench.row.row, bench.protocol, bench.rating)
    return Hem(bench.clock, [[member]], lambda snapshot: []), member

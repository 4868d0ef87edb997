"""Stories of whole houses, each drawn around one row of the list: its device in the real controller's hands.

Around the device stand partners from the list (PV row 1, meter row 112, wallbox row 65, heating rod row 136, ripple
receiver row 143), each emulated on its wire. The judge is power at the grid connection of the one energy balance.
"""

from collections.abc import Awaitable, Callable, Sequence
from itertools import product
from typing import Any

from controller.compatibility.levels import LEVELS
from controller.drivers.catalogue import claims
from controller.hem import Hem
from controller.members import PACE, Function, Member, member
from controller.strategy.household import Household, Settings
from controller.strategy.limits import CLASSIC, HOLD, Pattern
from emulators.build import Installation, build
from emulators.profile import profile_for
from rigs.simulated import line_for
from scenarios.bench import Bench
from scenarios.record import NotApplicable
from scenarios.story import Story
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
        elif function != "ripple":
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


async def ripple(bench: Bench) -> None:
    """All sixteen contact patterns in turn: feed-in never above what they allow, and free again after them."""
    house = House(bench, "pv", "ripple", "grid-meter", load=0.0)
    rating = float(house.twins["pv"].rated_power)
    house.sun(0.93 * rating)
    house.start()
    await bench.sleep(15.0)
    bench.record.close("feed-in without a signal", -house.grid, 0.93 * rating, 0.02 * rating, "W")
    reaction = next(m.driver.reaction for m in house.hem.members.values() if m.function == "pv")
    for pattern in product((False, True), repeat=4):
        contacts(house, pattern)
        unknown = pattern not in CLASSIC
        await bench.sleep((HOLD if unknown else 0.0) + 6.0 + 2 * reaction)
        percent = allowed(pattern)  # type: ignore[arg-type]
        limit = percent / 100 * rating
        house.note(limit)
        name = "".join(str(int(closed)) for closed in pattern)
        bench.record.check(
            f"feed-in under contacts {name}", -house.grid <= limit + 0.015 * rating, f"<= {limit:.0f} W", -house.grid
        )
        if not unknown and percent:
            bench.record.close(
                f"no more is lost under contacts {name}", -house.grid, min(limit, 0.93 * rating), 0.02 * rating, "W"
            )
        contacts(house, (False,) * 4)
        await bench.sleep(4.0 + reaction)
    contacts(house, (None, False, False, False))
    await bench.sleep(HOLD + 6.0 + 2 * reaction)
    bench.record.check("feed-in when a contact cannot be read", -house.grid <= 0.015 * rating, "0 W", -house.grid)
    contacts(house, (False,) * 4)
    await bench.sleep(10.0 + 2 * reaction)
    bench.record.close("feed-in after everything", -house.grid, 0.93 * rating, 0.02 * rating, "W")
    reasons = [event for event in house.hem.events if "ripple control" in event.what]
    bench.record.check("every limit has its reason", len(reasons) >= 4, ">= 4 events", len(reasons))
    await house.stop()


async def self_consumption(bench: Bench) -> None:
    """The controller regulates the battery: the grid stays near zero whatever the house takes."""
    house = House(bench, "grid-meter", settings=Settings(own_regulation=False))
    rating = bench.rating
    bench.twin.set("soc", 55.0)
    slack = max(0.03 * rating, 150.0)
    house.start()
    for load in (0.41 * rating, 0.13 * rating, 0.29 * rating):
        house.load(load)
        await bench.sleep(45.0 + 4 * bench.driver.reaction)
        house.note(0.0)
        bench.record.close(f"grid power at a load of {load:.0f} W", house.grid, 0.0, slack, "W")
    await house.stop()
    bench.record.check(
        "the battery is free after the controller stops",
        getattr(bench.twin, "battery_setpoint", None) is None,
        None,
        getattr(bench.twin, "battery_setpoint", None),
    )


async def surplus_charging(bench: Bench) -> None:
    """A car at a wallbox gets whole amperes of the surplus, and nothing when there is too little."""
    house = House(bench, "pv", "grid-meter", "charger", load=300.0)
    car = house.twins["charger"]
    car.authorized, car.vehicle_current = True, 32.0
    car.set("plugged", True)
    house.sun(300.0)
    house.start()
    await bench.sleep(30.0)
    bench.record.check("no charging without surplus", float(car.power) < 50, "0 W", car.power)
    house.sun(7200.0)
    await bench.sleep(120.0)
    drawn = float(car.power)
    house.note(0.0)
    bench.record.check("charging from 6.9 kW of surplus", 4000 < drawn <= 6950, "4.0 to 6.9 kW", drawn)
    bench.record.check("nothing is bought for it", house.grid <= 100, "<= 100 W", house.grid)
    house.sun(1500.0)
    await bench.sleep(300.0)
    house.note(0.0)
    bench.record.check("paused three minutes after the sun has gone", float(car.power) < 50, "0 W", car.power)
    await house.stop()


async def fuse(bench: Bench) -> None:
    """Fast charging under a small fuse: house and car together never take more than it carries."""
    house = House(bench, "grid-meter", "charger", settings=Settings(charging="fast", fuse=20.0), load=6000.0)
    car = house.twins["charger"]
    car.authorized, car.vehicle_current = True, 32.0
    car.set("plugged", True)
    house.start()
    for load in (6000.0, 9500.0, 2000.0):
        house.load(load)
        await bench.sleep(60.0)
        house.note(20.0 * 690.0)
        bench.record.check(
            f"grid power at a load of {load:.0f} W", house.grid <= 20.0 * 690.0 + 50, f"<= {20 * 690} W", house.grid
        )
    bench.record.check("the car gets what is left", float(car.power) > 4000, "> 4 kW", car.power)
    await house.stop()


async def surplus_heating(bench: Bench) -> None:
    """A heating rod takes the surplus and leaves the grid alone."""
    house = House(bench, "pv", "grid-meter", "heater", load=400.0)
    rod = house.twins["heater"]
    rod.set("water_temperature", 30.0)
    house.sun(2300.0)
    house.start()
    await bench.sleep(40.0)
    house.note(0.0)
    bench.record.close("grid power with 1.9 kW of surplus", house.grid, -50.0, 100.0, "W")
    house.sun(900.0)
    await bench.sleep(40.0)
    house.note(0.0)
    bench.record.close("grid power with 0.5 kW of surplus", house.grid, -50.0, 100.0, "W")
    house.sun(0.0)
    await bench.sleep(40.0)
    bench.record.check("no heating without sun", float(rod.power) < 50, "0 W", rod.power)
    await house.stop()


async def grid_meter(bench: Bench) -> None:
    """The controller steers by this meter; when it falls silent, nothing is spent any more."""
    house = House(bench, "pv", "grid-meter", "heater", load=400.0)
    house.twins["heater"].set("water_temperature", 30.0)
    house.sun(2300.0)
    house.start()
    await bench.sleep(60.0)
    house.note(0.0)
    bench.record.close("grid power while the meter speaks", house.grid, -50.0, 110.0, "W")
    bench.device.faults.on("half-open")
    await bench.sleep(60.0)
    rod = float(house.twins["heater"].power)
    bench.record.check("a minute after the meter fell silent the rod is off", rod < 50, "0 W", rod)
    bench.device.faults.off("half-open")
    await bench.sleep(60.0)
    house.note(0.0)
    bench.record.close("grid power when it speaks again", house.grid, -50.0, 110.0, "W")
    await house.stop()


def needs(kind: str, *methods: str) -> Callable[[Bench], str]:
    """Applies to devices of a kind that can do this."""

    def applies(bench: Bench) -> str:
        if bench.kind != kind:
            return f"not a {kind}"
        lacking = [method for method in methods if not bench.can(method)]
        return f"the driver has no {lacking[0]}" if lacking else ""

    return applies


def either(*ways: Callable[[Bench], str]) -> Callable[[Bench], str]:
    def applies(bench: Bench) -> str:
        reasons = [way(bench) for way in ways]
        return "" if "" in reasons else reasons[0]

    return applies


def _story(
    name: str, asks: str, why: str, oracle: str, tell: Callable[[Bench], Awaitable[None]], applies: Any
) -> Story:
    return Story(f"house/{name}", asks, why, oracle, tell, applies)


STORIES = (
    _story("ripple", "Are all sixteen contact patterns obeyed?", "The grid operator's signal comes before everything.",
           "feed-in at the grid connection", ripple,
           either(needs("pv-inverter", "limit_power"), needs("ripple-control-receiver"))),
    _story("self-consumption", "Does the battery bring the grid to zero?", "That is what it was bought for.",
           "grid power within 3 % of the rating", self_consumption, needs("battery-inverter", "charge", "discharge")),
    _story("surplus-charging", "Does the car get the surplus?", "Whole amperes, six at least, no import.",
           "power at the grid connection", surplus_charging, needs("charging-station", "limit_current")),
    _story("fuse", "Does a fast car respect the fuse?", "A blown main fuse is dark and cold.",
           "power at the grid connection", fuse, needs("charging-station", "limit_current")),
    _story("surplus-heating", "Does the rod take what is left?", "Heat is the last use of the sun before the grid.",
           "power at the grid connection", surplus_heating, needs("heating-rod", "set_power")),
    _story("grid-meter", "Can the controller steer by this meter?", "A silent meter must not leave loads running.",
           "power at the grid connection, rod off in a minute", grid_meter, needs("electricity-meter")),
)  # fmt: skip

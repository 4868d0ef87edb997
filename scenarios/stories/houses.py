"""Stories of whole houses, each drawn around one row of the list: power at the grid connection is the judge."""

from collections.abc import Awaitable, Callable

from controller.counters import COUNTED
from scenarios.bench.around import House, alone
from scenarios.bench.bench import Bench
from scenarios.bench.record import NotApplicable
from scenarios.bench.story import Story
from scenarios.kinds.kind import Kind
from scenarios.kinds.shared import volts
from scenarios.stories.reading import counting
from scenarios.stories.signals import ripple, tariff

COUNTED_FOR = 120.0  # s: two readings of what is read once a minute


async def self_consumption(bench: Bench) -> None:
    """The controller regulates the battery: the grid stays near zero whatever the house takes."""
    house = House(bench, "grid-meter", own={"battery": {"regulation": "controller"}})
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
    drawn, step = float(car.power), volts(car)
    most = min(6900.0 // step, 16.0)  # A that the sun leaves, and that a car has as long as nobody sets more
    house.note(0.0)
    lowest, highest = (most - 1.5) * step, most * step + 50
    bench.record.check(
        "charging from 6.9 kW of surplus", lowest <= drawn <= highest, f"{lowest:.0f} to {highest:.0f} W", drawn
    )
    bench.record.check("nothing is bought for it", house.grid <= 100, "<= 100 W", house.grid)
    house.sun(1500.0)
    await bench.sleep(300.0)
    house.note(0.0)
    bench.record.check("paused three minutes after the sun has gone", float(car.power) < 50, "0 W", car.power)
    await house.stop()


async def fuse(bench: Bench) -> None:
    """Fast charging under a small fuse: house and car together never take more than it carries."""
    charging = {"charging": {"mode": "fast", "maximum_current": 32.0}}
    charger = {"name": "charger", **charging}
    house = House(bench, "grid-meter", charger, own=charging if bench.section == "charging-station" else {}, fuse=20.0)
    car = house.twins["charger"]
    car.authorized, car.vehicle_current = True, 32.0
    car.set("plugged", True)
    house.start()
    for load in (6000.0, 9500.0, 2000.0):
        house.load(load)
        await bench.sleep(60.0)
        house.note(20.0 * 690.0)
        flows = house.phases
        bench.record.check(f"each phase at a load of {load:.0f} W", max(flows) <= 4620, "<= 4600 W", flows)
    least = (17.0 - 1.5) * volts(car)  # of 20 A the house takes 2.9
    bench.record.check("the car gets what is left", float(car.power) >= least, f">= {least:.0f} W", car.power)
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


async def counter_steps(bench: Bench) -> None:
    """A counter that steps back, jumps and goes on: the controller's books neither shrink nor leap."""
    house = alone(bench)
    rating = bench.rating or 10_000.0
    for quantity in COUNTED:
        bench.set(**{quantity: 50_000_000.0})
    bench.set(power=0.5 * rating)
    house.start()
    await bench.sleep(COUNTED_FOR)
    member = house.member
    counted = {name: counter.total for name, counter in member.counters.items()}
    if not counted:
        raise NotApplicable(f"it tells no energy counter: {bench.exempt('energy') or 'its document has none'}")
    for start in (1_000_000.0, 900_000_000.0):
        for quantity in COUNTED:
            bench.set(**{quantity: start})
        await bench.sleep(COUNTED_FOR)
    most = 0.5 * rating * 3 * COUNTED_FOR / 3600
    for name, counter in member.counters.items():
        if name in bench.twin.quantities:
            slack = 3 * 1100.0 + 0.05 * most
            bench.record.check(
                f"{name} after a step back and a jump",
                -1 <= counter.total - counted[name] <= most + slack,
                f"0 to {most + slack:.0f} Wh more",
                counter.total - counted[name],
            )
    told = house.said("counter")
    bench.record.check("steps and jumps are told", len(told) >= 2, ">= 2 events", len(told))
    await house.stop()


def role(*roles: str) -> Callable[[Kind], bool]:
    """Kinds that play one of these parts in a house."""
    return lambda kind: bool(kind.roles & set(roles))


def asked(command: str) -> Callable[[Bench], str]:
    """Devices of which this command is demanded."""
    return lambda bench: "" if bench.asked(command) else bench.exempt(command) or f"{command} is not asked of it"


def limited(bench: Bench) -> str:
    """Generators that can be limited, and what tells the limit."""
    return "" if "signal" in bench.kind.roles else asked("limit_power")(bench)


def _story(
    name: str, asks: str, why: str, oracle: str, tell: Callable[[Bench], Awaitable[None]],
    kinds: Callable[[Kind], bool], applies: Callable[[Bench], str] = lambda bench: "",
) -> Story:  # fmt: skip
    return Story(f"house/{name}", asks, why, oracle, tell, applies, kinds=kinds)


STORIES = (
    _story("ripple", "Is every contact pattern obeyed, however it arrives?",
           "The grid operator's signal comes before everything.", "feed-in at the grid connection", ripple,
           role("generator", "signal"), limited),
    _story("self-consumption", "Does the battery bring the grid to zero?", "That is what it was bought for.",
           "grid power within 3 % of the rating", self_consumption, role("storage"), asked("charge")),
    _story("surplus-charging", "Does the car get the surplus?", "Whole amperes, six at least, no import.",
           "power at the grid connection", surplus_charging, role("car"), asked("limit_current")),
    _story("fuse", "Does a fast car respect the fuse?", "A blown main fuse is dark and cold.",
           "power at the grid connection", fuse, role("car"), asked("limit_current")),
    _story("surplus-heating", "Does the rod take what is left?", "Heat is the last use of the sun before the grid.",
           "power at the grid connection", surplus_heating, role("heat"), asked("set_power")),
    _story("counters", "Do the books survive a counter's steps?", "A new meter must not look like a power station.",
           "the controller's totals", counter_steps, counting),
    _story("tariff", "Is the car charged when power is cheap?", "That is what a dynamic tariff is for.",
           "the car's power in cheap and dear hours", tariff, role("tariff")),
    _story("grid-meter", "Can the controller steer by this meter?", "A silent meter must not leave loads running.",
           "power at the grid connection, rod off in a minute", grid_meter, role("grid meter")),
)  # fmt: skip

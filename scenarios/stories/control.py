"""Stories about commanding: followed in time, released, kept below a limit, left clean."""

from math import copysign

from controller.devices import Reading
from scenarios.bench.bench import Bench
from scenarios.bench.commands import (
    arrived,
    commands,
    controlled,
    hold,
    kinds,
    ready,
    regulation,
    resting,
    resting_of,
    silent,
    slack,
)  # fmt: skip
from scenarios.bench.story import Story, commanded
from scenarios.kinds.kind import Command, Kind
from scenarios.stories import placed

LEAST = 2.0  # s: no device of the list has to be told more often


async def follow(bench: Bench) -> None:
    await bench.identify()
    ready(bench)
    for number, group in enumerate(kinds(bench)):
        if number:
            await bench.driver.release()
            await bench.sleep(bench.driver.reaction)
        for command in group:
            at_home(bench, command)
            await followed(bench, command, first=command is group[0])
        at_home(bench)


def at_home(bench: Bench, command: Command | None = None) -> None:
    """The house wants more than the battery is commanded, which is nothing to it; without a command nobody asks."""
    if bench.battery is not None and (command is None or command.quantity == "battery_power"):
        bench.battery.demand = None if command is None else copysign(2 * bench.rating, command.power(bench))


async def followed(bench: Bench, command: Command, *, first: bool) -> None:
    """Give a command and keep it standing, the first one for longer than the device would remember it by itself."""
    await command.give(bench)
    power = command.power(bench)
    took = await arrived(bench, command.quantity, power, command.give)
    found = bench.truth(command.quantity)
    bench.record.close(f"{command.quantity} after {command.name}", found, power, slack(bench), "W")
    bench.record.check(
        f"{command.name} in time",
        took is not None and took <= bench.driver.reaction,
        f"<= {bench.driver.reaction} s",
        took,
    )
    again = bench.driver.refresh
    bench.record.check("it is said again in good time", again is None or again >= LEAST, f">= {LEAST} s", again)
    remembered = (silent(bench, command).seconds or 0.0) if first else 0.0
    remembered = remembered if remembered <= 900.0 else 0.0  # by then a battery is empty
    await hold(bench, command.give, max(4 * (bench.driver.refresh or 2.0), 1.6 * remembered))
    bench.note(power, command.quantity)
    bench.record.close(
        f"{command.quantity} while {command.name} stands", bench.truth(command.quantity), power, slack(bench), "W"
    )
    reading = await bench.read()
    if isinstance(reading.get(command.quantity), int | float):
        bench.record.close(f"{command.quantity} as read", reading[command.quantity], power, 1.5 * slack(bench), "W")
    limit = reading.get("power_limit")
    if isinstance(limit, int | float) and "power_limit" in bench.twin.quantities:
        bench.record.close("power_limit as read", limit, bench.truth("power_limit"), 1.5 * slack(bench), "W")
    setpoint_read(bench, reading, f"while {command.name} stands")


def setpoint_read(bench: Bench, reading: Reading, when: str) -> None:
    """The set-point that a device tells is the one that it follows, and none when it follows none."""
    if "power_setpoint" not in reading or not bench.knows("power_setpoint"):
        return
    told, true = reading["power_setpoint"], bench.truth("power_setpoint")
    if isinstance(told, int | float) and isinstance(true, int | float):
        bench.record.close(f"power_setpoint {when}", told, true, slack(bench), "W")
    else:
        bench.record.check(f"power_setpoint {when}", told is None and true is None, true, told)


async def release(bench: Bench) -> None:
    await bench.identify()
    ready(bench)
    await bench.sleep(bench.driver.reaction)
    before, limit = regulation(bench), bench.truth("power_limit")
    for command in (each for group in kinds(bench) for each in group[:2]):
        await command.give(bench)
        await arrived(bench, command.quantity, command.power(bench), command.give)
        await bench.driver.release()
        quantity, power = resting_of(bench, command)
        await arrived(bench, quantity, power)
        bench.note(None, quantity)
        bench.record.close(
            f"{quantity} after release from {command.name}", bench.truth(quantity), power, slack(bench), "W"
        )
        setpoint_read(bench, await bench.read(), f"after release from {command.name}")
        if limit is not None:
            found = bench.truth("power_limit")
            bench.record.close(f"the limit after release from {command.name}", found, limit, 1.0, "W")
    if before:
        within = getattr(bench.driver, "lets_go", bench.driver.reaction)
        await bench.eventually(lambda: regulation(bench) == before, within)
        bench.record.check("the battery regulates as before", regulation(bench) == before, before, regulation(bench))


async def curtail(bench: Bench) -> None:
    """A hybrid's AC power under a limit: never above it, and back up after release."""
    await bench.identify()
    sun = 0.83 * bench.rating
    bench.set(soc=55.0, pv_power=sun, battery_power=0.0)
    for share in (0.6, 0.3, 0.4567, 0.0):
        limit = share * bench.rating
        await bench.driver.limit_power(limit)
        within = bench.clock.monotonic() + 2 * bench.driver.reaction
        while bench.truth("power") > limit + slack(bench) and bench.clock.monotonic() < within:
            bench.note(limit)
            await bench.sleep(0.25)
        bench.note(limit)
        bench.record.check(
            f"AC power under a limit of {limit:.0f} W",
            bench.truth("power") <= limit + slack(bench),
            f"<= {limit:.0f} W",
            bench.truth("power"),
        )
        bench.record.close("the limit in force", bench.truth("power_limit"), limit, slack(bench), "W")
    await bench.driver.release()
    bench.set(pv_power=sun, battery_power=0.0)
    await bench.sleep(bench.driver.reaction)
    bench.record.close("AC power after release", bench.truth("power"), sun, slack(bench), "W")


def curtailed(bench: Bench) -> str:
    if not bench.solar:
        return "nothing but its battery feeds through it"
    return bench.exempt("limit_power")


async def shutdown(bench: Bench) -> None:
    """After release the device is left as it was found: no lock, no limit, no forced mode, no second release needed.

    What a device comes to by itself without any controller, and no register switches off, stands in its family file:
    `unattended = { after = 5.0, power = 0.0, source = "..." }` in s and W.
    """
    await bench.identify()
    ready(bench)
    quantity, free = resting(bench)
    for command in commands(bench):
        await command.give(bench)
    await bench.sleep(bench.driver.reaction)
    await bench.driver.release()
    await bench.driver.release()
    left = bench.profile.data.get("unattended", {})
    await bench.sleep(min(2 * bench.driver.reaction, 0.8 * left.get("after", 7200.0)))
    bench.record.close(f"{quantity} after shutdown", bench.truth(quantity), free, slack(bench), "W")
    await bench.sleep(7200.0)
    ready(bench)
    later = left.get("power", free)
    bench.record.close(f"{quantity} two hours later", bench.truth(quantity), later, slack(bench), "W")


def storing(kind: Kind) -> bool:
    return "charge" in kind.commands


STORIES = (
    Story("follow", "Does power follow the command?", "Registers prove nothing; power does.",
          "the twin's power within the declared reaction time", follow, controlled, kinds=commanded, real="commands",
          placed=placed.follow),
    Story("release", "Is the device free after release?", "A forgotten limit costs every sunny day.",
          "full power or own regulation", release, controlled, kinds=commanded, real="commands", placed=placed.release),
    Story("curtail", "Does a hybrid keep below a limit?", "The grid operator's limit holds for hybrids too.",
          "the twin's AC power and limit", curtail, curtailed, kinds=storing),
    Story("shutdown", "Is the device left clean?", "Maintenance starts when the HEM stops.",
          "resting power, two hours later too", shutdown, controlled, kinds=commanded),
)  # fmt: skip

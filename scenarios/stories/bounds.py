"""Stories about what a device must never get: values beyond its envelope, and wear."""

from typing import Any

from controller.errors import HemError
from scenarios.bench.bench import Bench
from scenarios.bench.commands import controlled, hold, kinds, ready
from scenarios.bench.registers import places, powers
from scenarios.bench.story import Story, commanded


async def bounds(bench: Bench) -> None:
    """Commands beyond the envelope are refused or cut, never followed."""
    await bench.identify()
    ready(bench)
    full = await envelope(bench)
    for each_try in bench.kind.impossible(bench):
        what, begin = each_try.name, len(bench.writes())
        try:
            answer: object = None
            await getattr(bench.driver, each_try.method)(each_try.value)
        except (HemError, ValueError) as error:
            answer = error
        await bench.sleep(bench.driver.reaction)
        bench.device.wake()
        for each in bench.writes(begin):
            if each.target in full and isinstance(each.raw, int | float):
                most = full[each.target]
                bench.record.check(f"{each.target} for {what}", abs(each.raw) <= most, f"<= {most:g}", each.raw)
        for quantity in ("power", "battery_power"):
            owner = bench.battery if quantity == "battery_power" else bench.twin
            most = float(getattr(owner, "rated_power", 0.0) or 0.0)
            if quantity in getattr(owner, "quantities", ()) and most:
                found = abs(float(getattr(owner, quantity) or 0.0))
                bench.record.check(f"{quantity} after {what}", found <= 1.02 * most + 1, f"<= {most:.0f} W", found)
        if each_try.most < float("inf"):
            found = abs(float(bench.truth("power")))
            bench.record.check(f"nothing flows after {what}", found < each_try.most, "0 W", found)
        if each_try.value < 0:
            found = float(bench.truth("power"))
            bench.record.check(
                f"nothing negative after {what}", found > -50 or each_try.method == "charge", ">= 0 W", found
            )
        refused = [write for write in bench.writes() if not write.accepted]
        bench.record.check(
            f"nothing beyond the envelope goes on the wire for {what}", not refused, "no refused write", refused[:1]
        )
        bench.record.check(
            f"{what} has an answer",
            answer is None or isinstance(answer, HemError | ValueError),
            "done or a typed error",
            answer,
        )


async def envelope(bench: Bench) -> dict[Any, float]:
    """The highest magnitude that is written for the most that the device can do, by register of power or current."""
    battery, begin = bench.battery, len(bench.writes())
    gives: list[tuple[str, float]] = []
    if bench.asked("charge") and battery is not None:
        gives += [("charge", battery.max_charge), ("discharge", battery.max_discharge)]
    if bench.asked("limit_current"):
        installed = bench.twin.max_current if not bench.rests else bench.rests / bench.kind.fallback(bench, 1.0)
        gives.append(("limit_current", min(bench.twin.max_current, installed)))
    if bench.asked("limit_power") and bench.section != "battery-inverter":
        gives.append(("limit_power", 1.1 * bench.rating))  # some give a tenth more than they are rated
    for name, most in gives:
        await getattr(bench.driver, name)(most)
        await bench.sleep(bench.driver.reaction)
    places = powers(bench)
    full: dict[Any, float] = {}
    for each in bench.writes(begin):
        if each.target in places and isinstance(each.raw, int | float):
            full[each.target] = max(abs(each.raw), full.get(each.target, 0.0))
    return full


async def wear(bench: Bench) -> None:
    """An hour under one constant command: registers in flash are not written again and again."""
    await bench.identify()
    ready(bench)
    leading = [group[0].give for group in kinds(bench)]
    if bench.section == "battery-inverter" and bench.asked("limit_power"):
        leading.append(lambda bench: bench.driver.limit_power(0.6 * bench.rating))

    async def give(bench: Bench) -> None:
        for command in leading:
            await command(bench)

    await give(bench)
    await bench.sleep(5.0)
    before = len(bench.writes())
    await hold(bench, give, 3600.0)
    worn = [write for write in bench.writes(before) if write.wear == "flash"]
    bench.record.check("flash writes in an hour of the same command", not worn, 0, f"{len(worn)}: {worn[:2]}")
    foreign = {each.target for each in bench.writes() if isinstance(each.target, int)} - places(bench)
    bench.record.check("only registers that the driver declares are written", not foreign, set(), foreign)
    refused = [write for write in bench.writes() if not write.accepted]
    bench.record.check("no write was refused", not refused, 0, f"{len(refused)}: {refused[:2]}")
    bench.record.figures["writes_per_hour"] = float(len(bench.writes(before)))
    bench.record.figures["flash_writes_to_arm"] = float(sum(write.wear == "flash" for write in bench.writes()[:before]))


STORIES = (
    Story("bounds", "Are impossible commands refused?", "A wrong setpoint costs a battery.",
          "the device's envelope", bounds, controlled, kinds=commanded),
    Story("wear", "Is flash spared?", "A hundred thousand writes are reached in a day of seconds.",
          "no flash write while the command stands", wear, controlled, kinds=commanded),
)  # fmt: skip

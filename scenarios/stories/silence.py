"""Stories about losing touch: the controller falls silent, somebody else has been here, the device restarts."""

from collections.abc import Collection
from functools import partial
from typing import Any

from controller.errors import DeviceError
from scenarios.bench.bench import Bench
from scenarios.bench.commands import (
    arrived,
    controlled,
    fallback_power,
    freed,
    kinds,
    leaders,
    ready,
    regulation,
    resting_of,
    silent,
    slack,
)  # fmt: skip
from scenarios.bench.record import NotApplicable
from scenarios.bench.registers import leave, spaces
from scenarios.bench.story import Story, commanded
from scenarios.kinds.kind import Command
from scenarios.kinds.truths import tolerance

STARTS = 150.0  # s that a device may take from mains to power: self tests and a minute of grid watching


async def silence(bench: Bench) -> None:
    """The controller gives one command and is never heard of again."""
    await bench.identify()
    await unheard(bench, regulation(bench))


async def unheard(bench: Bench, own: dict[str, Any]) -> None:
    """A command of each kind, and then nothing; `own`: how the battery regulates where nobody commands it."""
    for command in leaders(bench):
        ready(bench)
        await forgotten(bench, command, own)
        bench.driver.lost()


async def forgotten(bench: Bench, command: Command, own: dict[str, Any]) -> None:
    await command.give(bench)
    await arrived(bench, command.quantity, command.power(bench))
    commanded = command.power(bench)
    told = silent(bench, command)
    bench.record.check(
        "a device that forgets has its time stated", told.state == "keeps" or told.seconds is not None, "seconds", told
    )
    seconds = told.seconds or 3600.0
    await bench.sleep(0.75 * seconds)
    bench.record.close(
        f"before the time-out {command.name} stands", bench.truth(command.quantity), commanded, slack(bench), "W"
    )
    bench.note(commanded, command.quantity)
    await bench.sleep(0.35 * seconds + 12.0)
    bench.note(None, command.quantity)
    quantity, free = resting_of(bench, command)
    match told.state:
        case "keeps":
            expected = commanded
        case "released":
            expected = free
        case "fallback":
            expected = fallback_power(bench, told.fallback or 0.0)
        case "stops":
            expected = 0.0
    bench.record.close(
        f"{quantity} after {told.seconds or 3600:g} s of silence ({told.state})",
        bench.truth(quantity),
        expected,
        slack(bench),
        "W",
    )
    if told.state == "released" and quantity == "battery_power" and bench.rests is None:
        now = regulation(bench)
        bench.record.check("the battery regulates by itself again", freed(own, now), own, now)


async def leftovers(bench: Bench) -> None:
    """Somebody else has been here: everything that the driver writes to holds another value, and then does not."""
    own = regulation(bench)
    healthy = getattr(bench.driver_class, "healthy", bench.driver_class)  # of a broken one: what it should write
    before = Bench(bench.row.row, bench.protocol, bench.device.model, driver=healthy, profile=bench.profile)
    between: list[int] = []  # writes before and after the release
    before.tell(partial(_twice, between=between))
    commanding = [*before.writes()[: between[0]], *before.writes(between[1])]
    writes = [each for each in commanding if each.accepted and isinstance(each.raw, int | float)]
    targets = {each.target: each.raw for each in writes if isinstance(each.target, int)}
    await _every_kind(bench)  # unlocks what has to be unlocked
    await bench.driver.release()
    bench.driver.lost()
    # the last first: what unlocks the others is written before them
    changed = [target for target, raw in reversed(targets.items()) if _left(bench, target, raw)]
    if not changed:
        raise NotApplicable("nothing that this driver writes can be left behind by somebody else")
    bench.device.twin.changed()
    await _every_kind(bench)
    wanted, found = _held(before, changed), _held(bench, changed)
    for name, value in wanted.items():
        bench.record.check(f"{name} is the same whatever it was before", found[name] == value, value, found[name])
    await bench.driver.release()
    bench.driver.lost()
    await unheard(bench, own)


def with_registers(protocol: str) -> bool:
    return "modbus" in protocol


def _held(bench: Bench, addresses: Collection[int]) -> dict[str, Any]:
    """What writable registers hold, by address and name."""
    return {
        f"{row.address} {row.name}": space.value(row)
        for space in spaces(bench)
        for row in space.rows
        if row.address in addresses and row.allows("w")
    }


async def _twice(bench: Bench, between: list[int]) -> None:
    await _every_kind(bench)
    between.append(len(bench.writes()))
    await bench.driver.release()
    bench.driver.lost()
    between.append(len(bench.writes()))
    await _every_kind(bench)


async def _every_kind(bench: Bench) -> None:
    """Each kind of command once."""
    await bench.identify()
    ready(bench)
    for command in leaders(bench):
        await command.give(bench)
        await bench.sleep(bench.driver.reaction)


def _left(bench: Bench, address: int, raw: float) -> bool:
    """Leave another value than `raw` in a register, the first of some that the device takes; whether there was one."""
    return any(leave(bench, address, other) for other in (2 * raw, 0, 1, raw + 1, raw - 1) if other != raw)


async def restart(bench: Bench) -> None:
    """The device restarts in the middle: what was armed is armed again, what was commanded stands again."""
    await bench.identify()
    ready(bench)
    for command in [group[1] for group in kinds(bench)]:
        await restarted(bench, command)


async def restarted(bench: Bench, command: Command) -> None:
    bench.set(energy=6_543_210.0)
    await command.give(bench)
    await arrived(bench, command.quantity, command.power(bench))
    dark(bench)
    bench.note(None, command.quantity)
    await bench.sleep(35.0)
    bench.note(None, command.quantity)
    boot(bench)
    bench.driver.lost()
    ready(bench)
    power, begin = command.power(bench), bench.clock.monotonic()
    given = False
    while abs(float(bench.truth(command.quantity) or 0.0) - power) > slack(bench):
        if bench.clock.monotonic() - begin > STARTS:
            break
        if not given or bench.driver.refresh:  # a device that has just started may be deaf for some seconds
            answer = await bench.attempt(bench.identify)
            if not isinstance(answer, DeviceError):
                answer = await bench.attempt(lambda: command.give(bench))
            given = not isinstance(answer, DeviceError)
            if not given:
                bench.driver.lost()
        bench.note(power, command.quantity)
        await bench.sleep(min(bench.driver.refresh or 2.0, 2.0))
    bench.note(power, command.quantity)
    found = bench.truth(command.quantity)
    bench.record.close(f"{command.name} after a restart", found, power, slack(bench), "W")
    told = await bench.attempt(bench.read)
    for counter in ("energy", "charge_energy", "discharge_energy"):
        if isinstance(told, dict) and isinstance(told.get(counter), int | float) and bench.knows(counter):
            true = float(bench.truth(counter))
            bench.record.close(f"{counter} after a restart", told[counter], true, tolerance(counter, true), "Wh")
    bench.record.figures["recovery_seconds"] = bench.clock.monotonic() - begin


def dark(bench: Bench) -> None:
    """The device loses its mains: no answer, no power."""
    bench.device.wake()
    bench.device.faults.on("reboot")
    if bench.device.endpoint is not None:
        bench.device.endpoint.drop_all()
    bench.kind.dark(bench)
    bench.device.twin.changed()


def boot(bench: Bench) -> None:
    """The mains are back; what the device held in memory is lost."""
    bench.device.wake()
    bench.device.faults.off("reboot")
    getattr(bench.device.face, "reboot", lambda: None)()
    bench.device.twin.changed()


STORIES = (
    Story("silence", "What does the device do when nobody speaks?", "Controllers die.",
          "the declared state after the declared time", silence, controlled, kinds=commanded),
    Story("leftovers", "Does it work after somebody else?", "Trials and other controllers leave settings.",
          "the same as in silence, from changed registers", leftovers, controlled, kinds=commanded,
          wires=with_registers),
    Story("restart", "Is the command restored after a restart?", "Enable chains are lost with the mains.",
          "the commanded power", restart, controlled, kinds=commanded),
)  # fmt: skip

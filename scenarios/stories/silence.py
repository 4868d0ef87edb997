"""Stories about losing touch: the controller falls silent, somebody else has been here, the device restarts."""

from collections.abc import Collection
from functools import partial
from typing import Any

from controller.errors import DeviceError
from scenarios.bench.bench import Bench
from scenarios.bench.commands import (
    arrived,
    commands,
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
    slowness,
)  # fmt: skip
from scenarios.bench.record import NotApplicable
from scenarios.bench.registers import leave, spaces
from scenarios.bench.story import Story, commanded
from scenarios.kinds.kind import Command
from scenarios.kinds.truths import tolerance
from scenarios.stories import placed

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
    await arrived(bench, command.quantity, command.power(bench), command.give)
    commanded = command.power(bench)
    told = silent(bench, command)
    bench.record.check(
        "a device that forgets has its time stated", told.state == "keeps" or told.seconds is not None, "seconds", told
    )
    if told.seconds is not None:
        refresh = bench.driver.refresh
        bench.record.check(
            "it is told again before half of that time is over", refresh is not None and refresh <= told.seconds / 2,
            f"<= {told.seconds / 2:g} s", refresh,
        )  # fmt: skip
    seconds = told.seconds or 3600.0
    await bench.sleep(0.75 * seconds)
    bench.record.close(
        f"before the time-out {command.name} stands", bench.truth(command.quantity), commanded, slack(bench), "W"
    )
    bench.note(commanded, command.quantity)
    await bench.sleep(0.35 * seconds + 12.0 + slowness(bench))
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
        await once_more(bench, command)


async def once_more(bench: Bench, command: Command) -> None:
    bench.set(energy=6_543_210.0)
    await command.give(bench)
    await arrived(bench, command.quantity, command.power(bench), command.give)
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
        if bench.clock.monotonic() - begin > STARTS + slowness(bench):
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


async def restarted(bench: Bench) -> None:
    """The controller dies under each kind of command; its successor knows nothing of it and lets the device go.

    So does one that has only lost the line in between.
    """
    await bench.identify()
    ready(bench)
    await bench.sleep(bench.driver.reaction)
    own = _own(bench)
    for command in {each.method: each for each in reversed(commands(bench))}.values():
        for whose, taken_over in (("a predecessor", _succeed), ("before the line was lost", _lost)):
            bench.kind.ready(bench)
            await command.give(bench)
            await arrived(bench, command.quantity, command.power(bench), command.give)
            await taken_over(bench)
            await _let_go(bench, command, own, f"{command.name} of {whose}")
    if bench.section == "battery-inverter" and bench.solar and bench.asked("limit_power"):
        await _curtailed(bench)


async def _let_go(bench: Bench, command: Command, own: dict[str, Any], about: str) -> None:
    """What the command moved rests, and the battery regulates by itself."""
    quantity, power = resting_of(bench, command)
    await arrived(bench, quantity, power)  # some let go for as long as they are told
    bench.note(None, quantity)
    bench.record.close(f"{quantity} after release from {about}", bench.truth(quantity), power, slack(bench), "W")
    await bench.eventually(lambda: _own(bench) == own, getattr(bench.driver, "lets_go", bench.driver.reaction))
    bench.record.check(f"it regulates as before {about}", _own(bench) == own, own, _own(bench))


async def _curtailed(bench: Bench) -> None:
    """The same for a hybrid's limit."""
    bench.set(soc=55.0, pv_power=0.83 * bench.rating, battery_power=0.0)
    free = float(bench.truth("power_limit"))
    await bench.driver.limit_power(0.3 * bench.rating)
    await bench.sleep(bench.driver.reaction)
    await _succeed(bench)
    await bench.sleep(bench.driver.reaction)
    found = bench.truth("power_limit")
    bench.record.close("the limit after release from one of a predecessor", found, free, slack(bench), "W")


async def _succeed(bench: Bench) -> None:
    """Another driver takes over, and releases the device."""
    await bench.sleep(5.0)  # nobody restarts sooner
    bench.driver = bench.newcomer()
    told = (await bench.identify()).rated_power
    if told is not None and bench.rating:
        bench.record.close("rated power as a successor reads it", told, bench.rating, 0.01 * bench.rating + 60.0, "W")
    await bench.driver.release()


async def _lost(bench: Bench) -> None:
    """The same driver forgets what a lost line makes it forget, and releases the device."""
    bench.driver.lost()
    await bench.driver.release()


def _own(bench: Bench) -> dict[str, Any]:
    """What the device does by itself. Whether it may charge from the grid nobody can tell who has allowed."""
    return {name: value for name, value in regulation(bench).items() if name != "grid_charge"}


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
          "the declared state after the declared time", silence, controlled, kinds=commanded, real="silence",
          placed=placed.silence),
    Story("leftovers", "Does it work after somebody else?", "Trials and other controllers leave settings.",
          "the same as in silence, from changed registers", leftovers, controlled, kinds=commanded,
          wires=with_registers),
    Story("restarted", "Does a new controller let go what the old one held?", "A killed controller releases nothing.",
          "resting power, the battery's own regulation, no limit", restarted, controlled, kinds=commanded),
    Story("restart", "Is the command restored after a restart?", "Enable chains are lost with the mains.",
          "the commanded power", restart, controlled, kinds=commanded),
)  # fmt: skip

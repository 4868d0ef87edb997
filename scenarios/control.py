"""Stories about commanding: followed, released, kept within bounds, and what happens in silence."""

from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from controller.devices import WhenSilent
from controller.errors import DeviceError, HemError
from emulators.answers import Refusal
from emulators.registers import CODES
from scenarios.bench import Bench
from scenarios.mutants import every_point, points
from scenarios.reading import spaces
from scenarios.record import NotApplicable
from scenarios.story import Story
from scenarios.truths import tolerance

STARTS = 150.0  # s that a device may take from mains to power: self tests and a minute of grid watching
SHARES = (0.6, 0.3, 0.4567, 1.0, 0.0)


@dataclass(frozen=True)
class Command:
    """One command of a kind of device: how to give it, and the power that must follow, with tolerance, in W."""

    name: str
    give: Callable[[Bench], Awaitable[None]]
    power: Callable[[Bench], float]
    quantity: str = "power"


def commands(bench: Bench) -> list[Command]:
    """The commands that this device's driver offers, with what has to follow in the twin."""
    found: list[Command] = []
    rating = bench.rating
    if bench.can("limit_power") and bench.kind != "battery-inverter":
        found += [_limit(share) for share in SHARES]
    battery = bench.battery
    if bench.can("charge", "discharge") and battery is not None:
        most = min(rating, battery.rated_power)
        found += [_battery(0.3129 * most), _battery(-0.2311 * most), _battery(0.0871 * most)]
        found += [
            _battery(0.97 * min(most, battery.max_discharge)),
            _battery(-0.97 * min(most, battery.max_charge)),
        ]
    if bench.can("limit_current"):
        found += [_current(amperes) for amperes in (13.0, 6.0, 10.0)]
        found.append(Command("pause", lambda bench: bench.driver.pause(), lambda bench: 0.0))
    if bench.can("set_power"):
        found += [_power(watts) for watts in (0.4113 * rating, 0.7377 * rating, 0.0)]
    return found


def battery_of(bench: Bench) -> Any:
    """The twin of the battery: the device's own, or one on the DC side of a PV inverter."""
    return bench.twin if "battery_power" in bench.twin.quantities else bench.beside["battery"]


def kinds(bench: Bench) -> list[list[Command]]:
    """The commands by what they move: a hybrid has a limit and a battery."""
    found: dict[str, list[Command]] = {}
    for command in commands(bench):
        found.setdefault(command.quantity, []).append(command)
    return list(found.values())


def silent(bench: Bench, command: Command) -> WhenSilent:
    """What the driver says that the device does with this command when nobody speaks any more."""
    told: WhenSilent = bench.driver.when_silent
    if command.quantity == "battery_power" and bench.kind == "pv-inverter":
        told = getattr(bench.driver, "battery_when_silent", told)
    return told


def resting_of(bench: Bench, command: Command) -> tuple[str, float]:
    """What a released device does with what this command moves."""
    return ("battery_power", 0.0) if command.quantity == "battery_power" else resting(bench)


def _limit(share: float) -> Command:
    return Command(
        f"limit {share:.4g} of rating",
        lambda bench: bench.driver.limit_power(share * bench.rating),
        lambda bench: min(share, 0.93) * bench.rating,
    )


def _battery(watts: float) -> Command:
    if watts > 0:
        return Command(
            f"discharge {watts:.0f} W",
            lambda bench: bench.driver.discharge(watts),
            lambda bench: watts,
            "battery_power",
        )
    return Command(
        f"charge {-watts:.0f} W", lambda bench: bench.driver.charge(-watts), lambda bench: watts, "battery_power"
    )


def _current(amperes: float) -> Command:
    return Command(
        f"limit {amperes:g} A",
        lambda bench: bench.driver.limit_current(amperes),
        lambda bench: amperes * sum(getattr(bench.twin, f"voltage_l{phase}") or 0.0 for phase in (1, 2, 3)),
    )


def _power(watts: float) -> Command:
    return Command(f"power {watts:.0f} W", lambda bench: bench.driver.set_power(watts), lambda bench: watts)


def ready(bench: Bench) -> None:
    """The world as a controllable device needs it: sun, a half full battery, a hungry car, cold water."""
    match bench.kind:
        case "pv-inverter":
            bench.twin.available = 0.93 * bench.rating
            bench.twin.let_go("power")
            bench.set(soc=55.0)
        case "battery-inverter":
            bench.set(soc=55.0, pv_power=0.0)
        case "charging-station":
            bench.twin.authorized = True
            bench.twin.vehicle_current = 32.0
            bench.set(plugged=True)
        case "heating-rod":
            bench.set(water_temperature=31.0)
    if bench.person:
        bench.device.operator[bench.person]()
    for action in (
        "unlock",
        "external_control",
    ):  # only a person can, and the list or the document says that one has to
        if action in bench.device.operator:
            bench.device.operator[action]()
    bench.device.twin.changed()


def resting(bench: Bench, command: Command | None = None) -> tuple[str, float]:
    """What a device released from `command` does in the world of `ready`: a quantity and its value."""
    if bench.rests is not None:
        return "power", bench.rests
    if command is not None and command.quantity == "battery_power":
        return "battery_power", 0.0
    match bench.kind:
        case "pv-inverter":
            return "power", 0.93 * bench.rating
        case "battery-inverter":
            return "battery_power", 0.0
        case "charging-station":
            return "power", bench.twin.max_current * sum(getattr(bench.twin, f"voltage_l{n}") or 0.0 for n in (1, 2, 3))
    return "power", 0.0


def slack(bench: Bench) -> float:
    """How far a followed power may be off: a whole percent of the rating, or a tenth of an ampere per phase."""
    return max(0.011 * bench.rating, 75.0)


async def hold(bench: Bench, give: Callable[[Bench], Awaitable[None]], seconds: float) -> None:
    """Keep a command standing for a while, as the controller does: again before the device forgets it."""
    refresh = bench.driver.refresh
    end = bench.clock.now() + seconds
    while bench.clock.now() < end:
        step = min(refresh or seconds, end - bench.clock.now())
        await bench.sleep(max(step, 0.05))
        if refresh and bench.clock.now() < end:
            await give(bench)


async def arrived(bench: Bench, quantity: str, power: float) -> float | None:
    """Seconds until the twin does what it was told, within twice the declared reaction time."""
    return await bench.eventually(
        lambda: abs(float(bench.truth(quantity) or 0.0) - power) <= slack(bench), 2 * bench.driver.reaction, 0.25
    )


async def follow(bench: Bench) -> None:
    await bench.identify()
    ready(bench)
    for number, group in enumerate(kinds(bench)):
        if number:
            await bench.driver.release()
            await bench.sleep(bench.driver.reaction)
        for command in group:
            await followed(bench, command, first=command is group[0])


async def followed(bench: Bench, command: Command, *, first: bool) -> None:
    """Give a command and keep it standing, the first one for longer than the device would remember it by itself."""
    await command.give(bench)
    power = command.power(bench)
    took = await arrived(bench, command.quantity, power)
    bench.note(power)
    found = bench.truth(command.quantity)
    bench.record.close(f"{command.quantity} after {command.name}", found, power, slack(bench), "W")
    bench.record.check(
        f"{command.name} in time",
        took is not None and took <= bench.driver.reaction,
        f"<= {bench.driver.reaction} s",
        took,
    )
    remembered = (silent(bench, command).seconds or 0.0) if first else 0.0
    remembered = remembered if remembered <= 900.0 else 0.0  # by then a battery is empty
    await hold(bench, command.give, max(4 * (bench.driver.refresh or 2.0), 1.6 * remembered))
    bench.record.close(
        f"{command.quantity} while {command.name} stands", bench.truth(command.quantity), power, slack(bench), "W"
    )
    reading = await bench.read()
    if isinstance(reading.get(command.quantity), int | float):
        bench.record.close(f"{command.quantity} as read", reading[command.quantity], power, 1.5 * slack(bench), "W")
    limit = reading.get("power_limit")
    if isinstance(limit, int | float) and "power_limit" in bench.twin.quantities:
        bench.record.close("power_limit as read", limit, bench.truth("power_limit"), 1.5 * slack(bench), "W")


async def release(bench: Bench) -> None:
    await bench.identify()
    ready(bench)
    for command in (each for group in kinds(bench) for each in group[:2]):
        await command.give(bench)
        await arrived(bench, command.quantity, command.power(bench))
        bench.note(command.power(bench))
        await bench.driver.release()
        quantity, power = resting_of(bench, command)
        await arrived(bench, quantity, power)
        bench.note(None)
        bench.record.close(
            f"{quantity} after release from {command.name}", bench.truth(quantity), power, slack(bench), "W"
        )
    if bench.can("charge") and bench.knows("battery_power"):
        own, within = battery_of(bench), getattr(bench.driver, "lets_go", bench.driver.reaction)
        await bench.eventually(lambda: bool(bench.device.wake()) and own.battery_setpoint is None, within)
        bench.record.check(
            "the battery regulates by itself again", own.battery_setpoint is None, None, own.battery_setpoint
        )


async def silence(bench: Bench) -> None:
    """The controller gives one command and is never heard of again."""
    await bench.identify()
    for command in leaders(bench):
        ready(bench)
        await unheard(bench, command)
        bench.driver.lost()


def leaders(bench: Bench) -> Iterator[Command]:
    """A command of each kind that can be told from what the device does by itself."""
    for group in kinds(bench):
        told = silent(bench, group[1])
        alike = told.state == "fallback" and abs(group[1].power(bench) - fallback_power(bench, told.fallback or 0.0))
        yield group[0] if told.state == "fallback" and alike <= 2 * slack(bench) else group[1]


async def unheard(bench: Bench, command: Command) -> None:
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
    bench.note(commanded)
    await bench.sleep(0.35 * seconds + 12.0)
    bench.note(None)
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
        setpoint = battery_of(bench).battery_setpoint
        bench.record.check("nothing moves the battery any more", not setpoint, None, setpoint)


async def leftovers(bench: Bench) -> None:
    """Somebody else has been here: everything that the driver writes to holds another value, and then does not."""
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
    changed = [target for target, raw in targets.items() if _left(bench, target, raw)]
    if not changed:
        raise NotApplicable("nothing that this driver writes can be left behind by somebody else")
    bench.device.twin.changed()
    await _every_kind(bench)
    wanted, found = _held(before, changed), _held(bench, changed)
    for name, value in wanted.items():
        bench.record.check(f"{name} is the same whatever it was before", found[name] == value, value, found[name])
    await bench.driver.release()
    bench.driver.lost()
    await silence(bench)


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


def leave(bench: Bench, address: int, raw: float) -> bool:
    """Set a register as somebody else would; whether the device took it."""
    for space in spaces(bench):
        for row in space.rows:
            if row.address == address and row.allows("w") and row.base in CODES:
                try:
                    space.assign(row, raw if row.scale == 1 else raw * row.scale)
                except Refusal:
                    continue
                bench.device.twin.changed()
                return True
    return False


def has_registers(bench: Bench) -> str:
    return controlled(bench) or ("" if "modbus" in bench.protocol else "no registers on this wire")


def fallback_power(bench: Bench, value: float) -> float:
    """The power of a declared fallback: amperes per phase at a charging point, W otherwise."""
    if bench.kind == "charging-station":
        return value * sum(getattr(bench.twin, f"voltage_l{phase}") or 0.0 for phase in (1, 2, 3))
    return min(value, 0.93 * bench.rating) if bench.kind == "pv-inverter" else value


async def curtail(bench: Bench) -> None:
    """A hybrid's AC power under a limit: never above it, and back up after release."""
    await bench.identify()
    sun = 0.83 * bench.rating
    bench.set(soc=55.0, pv_power=sun, battery_power=0.0)
    for share in (0.6, 0.3, 0.4567, 0.0):
        limit = share * bench.rating
        await bench.driver.limit_power(limit)
        within = bench.clock.now() + 2 * bench.driver.reaction
        while bench.truth("power") > limit + slack(bench) and bench.clock.now() < within:
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
    limits = bench.kind == "battery-inverter" and bench.can("limit_power", "release")
    return "" if limits else "no limit on the AC power of a battery inverter"


async def bounds(bench: Bench) -> None:
    """Commands beyond the envelope are refused or cut, never followed."""
    await bench.identify()
    ready(bench)
    rating = bench.rating
    tries: list[tuple[str, Callable[[], Awaitable[None]]]] = []
    if bench.can("limit_power") and bench.kind != "battery-inverter":
        tries += [
            ("limit -500 W", lambda: bench.driver.limit_power(-500.0)),
            ("limit 3 x rating", lambda: bench.driver.limit_power(3 * rating)),
        ]
    if bench.can("charge", "discharge") and bench.battery is not None:
        tries += [
            ("charge 7 x rating", lambda: bench.driver.charge(7 * rating)),
            ("discharge 7 x rating", lambda: bench.driver.discharge(7 * rating)),
        ]
        tries += [("charge -500 W", lambda: bench.driver.charge(-500.0))]
    if bench.can("limit_current"):
        tries += [
            ("limit 200 A", lambda: bench.driver.limit_current(200.0)),
            ("limit 3 A", lambda: bench.driver.limit_current(3.0)),
            ("limit -5 A", lambda: bench.driver.limit_current(-5.0)),
        ]
    if bench.can("set_power"):
        tries += [
            ("power 5 x rating", lambda: bench.driver.set_power(5 * rating)),
            ("power -500 W", lambda: bench.driver.set_power(-500.0)),
        ]
    full = await envelope(bench)
    for what, give in tries:
        begin = len(bench.writes())
        try:
            answer: object = None
            await give()
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
        if what in ("limit 3 A", "limit -5 A"):
            bench.record.check(
                f"nothing flows after {what}", abs(float(bench.truth("power"))) < 50, "0 W", bench.truth("power")
            )
        if what in ("power -500 W", "limit -500 W"):
            bench.record.check(
                f"nothing negative after {what}", float(bench.truth("power")) > -50, ">= 0 W", bench.truth("power")
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
    if bench.can("charge", "discharge") and battery is not None:
        gives += [("charge", battery.max_charge), ("discharge", battery.max_discharge)]
    if bench.can("limit_current"):
        gives.append(("limit_current", bench.twin.max_current))
    if bench.can("limit_power") and bench.kind != "battery-inverter":
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


def places(bench: Bench) -> set[int]:
    """First addresses of all points that the driver and its helpers declare, and what else goes by a number."""
    found = set()
    for point in every_point(bench.driver_class).values():
        found |= {getattr(point, "address", -1), getattr(point, "object_id", -1)}
        models = getattr(point, "models", ())
        found |= {each.address + point.offset for each in getattr(bench.driver, "chain", ()) if each.id in models}
    return found | {each - 40_000 for each in found if each >= 40_000}  # some documents count from there


def powers(bench: Bench) -> set[int]:
    """Addresses of the driver's points that carry a power, a current or a share of them."""
    found = set()
    for point in points(bench.driver_class).values():
        if getattr(point, "unit", "") in ("W", "A", "%"):
            found.add(getattr(point, "address", -1))
            models = getattr(point, "models", ())
            found |= {
                model.address + point.offset for model in getattr(bench.driver, "chain", ()) if model.id in models
            }
    return found


async def wear(bench: Bench) -> None:
    """An hour under one constant command: registers in flash are not written again and again."""
    await bench.identify()
    ready(bench)
    leading = [group[0] for group in kinds(bench)]

    async def give(bench: Bench) -> None:
        for command in leading:
            await command.give(bench)

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
    await bench.sleep(35.0)
    boot(bench)
    bench.driver.lost()
    ready(bench)
    power, begin = command.power(bench), bench.clock.now()
    given = False
    while abs(float(bench.truth(command.quantity) or 0.0) - power) > slack(bench):
        if bench.clock.now() - begin > STARTS:
            break
        if not given or bench.driver.refresh:  # a device that has just started may be deaf for some seconds
            answer = await bench.attempt(bench.identify)
            if not isinstance(answer, DeviceError):
                answer = await bench.attempt(lambda: command.give(bench))
            given = not isinstance(answer, DeviceError)
            if not given:
                bench.driver.lost()
        await bench.sleep(min(bench.driver.refresh or 2.0, 2.0))
    bench.note(power)
    found = bench.truth(command.quantity)
    bench.record.close(f"{command.name} after a restart", found, power, slack(bench), "W")
    told = await bench.attempt(bench.read)
    for counter in ("energy", "charge_energy", "discharge_energy"):
        if isinstance(told, dict) and isinstance(told.get(counter), int | float) and bench.knows(counter):
            true = float(bench.truth(counter))
            bench.record.close(f"{counter} after a restart", told[counter], true, tolerance(counter, true), "Wh")
    bench.record.figures["recovery_seconds"] = bench.clock.now() - begin


def dark(bench: Bench) -> None:
    """The device loses its mains: no answer, no power."""
    bench.device.wake()
    bench.device.faults.on("reboot")
    if bench.device.endpoint is not None:
        bench.device.endpoint.drop_all()
    if bench.kind == "pv-inverter":
        bench.twin.available = 0.0
    bench.device.twin.changed()


def boot(bench: Bench) -> None:
    """The mains are back; what the device held in memory is lost."""
    bench.device.wake()
    bench.device.faults.off("reboot")
    getattr(bench.device.face, "reboot", lambda: None)()
    bench.device.twin.changed()


async def shutdown(bench: Bench) -> None:
    """After release the device is left as it was found: no lock, no limit, no forced mode, no second release needed."""
    await bench.identify()
    ready(bench)
    quantity, free = resting(bench)
    for command in commands(bench):
        await command.give(bench)
    await bench.sleep(bench.driver.reaction)
    await bench.driver.release()
    await bench.driver.release()
    await bench.sleep(2 * bench.driver.reaction)
    bench.record.close(f"{quantity} after shutdown", bench.truth(quantity), free, slack(bench), "W")
    await bench.sleep(7200.0)
    ready(bench)
    bench.record.close(f"{quantity} two hours later", bench.truth(quantity), free, slack(bench), "W")


def controlled(bench: Bench) -> str:
    if not bench.controllable:
        return "the driver only reads this device"
    return "" if commands(bench) else "no command of this kind is judged"


STORIES = (
    Story("follow", "Does power follow the command?", "Registers prove nothing; power does.",
          "the twin's power within the declared reaction time", follow, controlled),
    Story("release", "Is the device free after release?", "A forgotten limit costs every sunny day.",
          "full power or own regulation", release, controlled),
    Story("curtail", "Does a hybrid keep below a limit?", "The grid operator's limit holds for hybrids too.",
          "the twin's AC power and limit", curtail, curtailed),
    Story("silence", "What does the device do when nobody speaks?", "Controllers die.",
          "the declared state after the declared time", silence, controlled),
    Story("leftovers", "Does it work after somebody else?", "Trials and other controllers leave settings.",
          "the same as in silence, from changed registers", leftovers, has_registers),
    Story("bounds", "Are impossible commands refused?", "A wrong setpoint costs a battery.",
          "the device's envelope", bounds, controlled),
    Story("wear", "Is flash spared?", "A hundred thousand writes are reached in a day of seconds.",
          "no flash write while the command stands", wear, controlled),
    Story("restart", "Is the command restored after a restart?", "Enable chains are lost with the mains.",
          "the commanded power", restart, controlled),
    Story("shutdown", "Is the device left clean?", "Maintenance starts when the HEM stops.",
          "resting power, two hours later too", shutdown, controlled),
)  # fmt: skip

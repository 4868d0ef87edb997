"""What a device can be told: its commands, the world in which they show, and the power that has to follow."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from controller.devices import WhenSilent
from scenarios.bench.bench import Bench
from scenarios.kinds.kind import Command


def commands(bench: Bench) -> list[Command]:
    """The commands that a driver of this kind has to give here, with what has to follow in the twin."""
    return bench.kind.orders(bench)


def battery_of(bench: Bench) -> Any:
    """The twin of the battery: the device's own, or one on the DC side of a PV inverter."""
    return bench.battery


# What of a battery's own regulation a command may change.
REGULATION = ("battery_setpoint", "max_charge", "max_discharge", "soc_min", "soc_max", "grid_charge")


def regulation(bench: Bench) -> dict[str, Any]:
    """How the battery regulates by itself, empty where the device has none."""
    bench.device.wake()
    own = battery_of(bench) if bench.asked("charge") and bench.knows("battery_power") else None
    return {} if own is None else {name: getattr(own, name, None) for name in REGULATION}


def freed(before: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether the battery regulates as before, though perhaps within the limits that were commanded last."""
    limited = all(0 < now[name] <= before[name] for name in ("max_charge", "max_discharge"))
    return limited and now == {**before, "max_charge": now["max_charge"], "max_discharge": now["max_discharge"]}


def kinds(bench: Bench) -> list[list[Command]]:
    """The commands by what they move: a hybrid has a limit and a battery."""
    found: dict[str, list[Command]] = {}
    for command in commands(bench):
        found.setdefault(command.quantity, []).append(command)
    return list(found.values())


def leaders(bench: Bench) -> Iterator[Command]:
    """A command of each kind that can be told from what the device does by itself."""
    for group in kinds(bench):
        told = silent(bench, group[1])
        alike = told.state == "fallback" and abs(group[1].power(bench) - fallback_power(bench, told.fallback or 0.0))
        yield group[0] if told.state == "fallback" and alike <= 2 * slack(bench) else group[1]


def silent(bench: Bench, command: Command) -> WhenSilent:
    """What the driver says that the device does with this command when nobody speaks any more."""
    told: WhenSilent = bench.driver.when_silent
    if command.quantity == "battery_power" and bench.section == "pv-inverter":
        told = getattr(bench.driver, "battery_when_silent", told)
    return told


def fallback_power(bench: Bench, value: float) -> float:
    """The power of a declared fallback: amperes per phase at a charging point, W otherwise."""
    return bench.kind.fallback(bench, value)


def resting_of(bench: Bench, command: Command) -> tuple[str, float]:
    """What a released device does with what this command moves."""
    return ("battery_power", 0.0) if command.quantity == "battery_power" else resting(bench)


def ready(bench: Bench) -> None:
    """The world as a controllable device needs it: sun, a half full battery, a hungry car, cold water."""
    bench.kind.ready(bench)
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
    return bench.kind.resting(bench)


def slack(bench: Bench) -> float:
    """How far a followed power may be off: a whole percent of the rating, or a tenth of an ampere per phase."""
    return max(0.011 * bench.rating, 75.0)


async def hold(bench: Bench, give: Callable[[Bench], Awaitable[None]], seconds: float) -> None:
    """Keep a command standing for a while, as the controller does: again before the device forgets it."""
    refresh = bench.driver.refresh
    end = bench.clock.monotonic() + seconds
    while bench.clock.monotonic() < end:
        step = min(refresh or seconds, end - bench.clock.monotonic())
        await bench.sleep(max(step, 0.05))
        if refresh and bench.clock.monotonic() < end:
            await give(bench)


SLOW = 60.0  # s of reaction from which a machine has to be told again while it is on its way


def slowness(bench: Bench) -> float:
    """s that a machine with ramps and times of its own needs beyond what any other device does."""
    reaction = float(bench.driver.reaction)
    return reaction if reaction > SLOW else 0.0


async def arrived(
    bench: Bench, quantity: str, power: float, give: Callable[[Bench], Awaitable[None]] | None = None
) -> float | None:
    """Seconds until the twin does what it was told, within twice the declared reaction time.

    `give`: the command, which a slow machine is given again meanwhile, as the controller does.
    """

    def there() -> bool:
        bench.note(power, quantity)
        return abs(float(bench.truth(quantity) or 0.0) - power) <= slack(bench)

    slow = slowness(bench)
    if give is None or not slow or not bench.driver.refresh:
        return await bench.eventually(there, 2 * bench.driver.reaction, max(0.25, slow / 2000))
    begin = bench.clock.monotonic()
    while not there():
        if bench.clock.monotonic() - begin > 2 * slow:
            return None
        await bench.sleep(bench.driver.refresh / 2)
        await give(bench)
    return bench.clock.monotonic() - begin


def controlled(bench: Bench) -> str:
    return "" if commands(bench) else bench.exempt("release") or "a device of this kind takes no commands"

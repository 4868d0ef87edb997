"""What a device can be told: its commands, the world in which they show, and the power that has to follow."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from controller.devices import WhenSilent
from scenarios.bench.bench import Bench

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
    return bench.battery


# What of a battery's own regulation a command may change.
REGULATION = ("battery_setpoint", "max_charge", "max_discharge", "soc_min", "soc_max", "grid_charge")


def regulation(bench: Bench) -> dict[str, Any]:
    """How the battery regulates by itself, empty where the device has none."""
    bench.device.wake()
    own = battery_of(bench) if bench.can("charge") and bench.knows("battery_power") else None
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
    if command.quantity == "battery_power" and bench.kind == "pv-inverter":
        told = getattr(bench.driver, "battery_when_silent", told)
    return told


def fallback_power(bench: Bench, value: float) -> float:
    """The power of a declared fallback: amperes per phase at a charging point, W otherwise."""
    if bench.kind == "charging-station":
        return value * mains(bench)
    return min(value, 0.93 * bench.rating) if bench.kind == "pv-inverter" else value


def resting_of(bench: Bench, command: Command) -> tuple[str, float]:
    """What a released device does with what this command moves."""
    return ("battery_power", 0.0) if command.quantity == "battery_power" else resting(bench)


def mains(bench: Bench) -> float:
    """Volts that an ampere per phase meets: the sum over the phases in use."""
    return sum(float(getattr(bench.twin, f"voltage_l{phase}") or 0.0) for phase in range(1, bench.twin.phases + 1))


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
        lambda bench: amperes * mains(bench),
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
            return "power", bench.twin.max_current * mains(bench)
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

    def there() -> bool:
        bench.note(power, quantity)
        return abs(float(bench.truth(quantity) or 0.0) - power) <= slack(bench)

    return await bench.eventually(there, 2 * bench.driver.reaction, 0.25)


def controlled(bench: Bench) -> str:
    if not bench.controllable:
        return "the driver only reads this device"
    return "" if commands(bench) else "no command of this kind is judged"

"""A household's strategy: obey limits, then spend the sun where it is worth most, and say why."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from controller.hem import Snapshot
from controller.members import Function, Member, Setpoint
from controller.strategy.limits import Limit, Pattern, RippleMemory, RippleTable, lowest, ripple
from controller.strategy.surplus import MINIMUM, VOLTAGE, ChargingMemory, charging, heating

SETTLE = 5.0  # s between two plans for the loads: until then the grid meter and the loads speak of different moments


@dataclass(frozen=True)
class Settings:
    """What the installer set. `car_first`: the car takes surplus before the battery does."""

    ripple: RippleTable = field(default_factory=RippleTable)
    car_first: bool = True
    phases: int = 3
    maximum_current: float = 16.0
    heater_power: float = 3000.0
    charging: str = "surplus"  # surplus | fast | cheap | off
    cheap_below: float = 20.0  # ct/kWh up to which "cheap" charges
    own_regulation: bool = True  # the battery regulates to zero at its own meter
    fuse: float | None = None  # A a phase at the grid connection
    limit_percent: float | None = None  # from outside, e.g. a marketer or a static feed-in rule


@dataclass(frozen=True)
class Memory:
    """What a decision needs of the past."""

    ripple: RippleMemory = field(default_factory=RippleMemory)
    charging: ChargingMemory = field(default_factory=ChargingMemory)
    loads: tuple[Setpoint, ...] = ()
    loads_at: float = 0.0
    storage: tuple[Setpoint, ...] = ()
    storage_at: float = 0.0


def decide(snapshot: Snapshot, settings: Settings, memory: Memory) -> tuple[list[Setpoint], Memory]:
    """Setpoints with reasons, and what to remember."""
    setpoints: list[Setpoint] = []
    limit, memory = _limit(snapshot, settings, memory)
    setpoints += generation(snapshot, limit)
    surplus = available(snapshot, settings)
    if surplus is None:  # the grid meter is not known: nothing may be spent
        return [*setpoints, *_idle(snapshot)], memory
    if not 0 <= snapshot.time - memory.loads_at < SETTLE:
        loads, memory = _loads(snapshot, settings, memory, surplus)
        memory = replace(memory, loads=tuple(loads), loads_at=snapshot.time)
    setpoints += memory.loads
    if not settings.own_regulation:
        if not 0 <= snapshot.time - memory.storage_at < patience(snapshot):
            memory = replace(memory, storage=tuple(battery(snapshot)), storage_at=snapshot.time)
        setpoints += memory.storage
    return setpoints, memory


def patience(snapshot: Snapshot) -> float:
    """Seconds until a battery's answer to the last setpoint is in all readings."""
    reactions = [float(each.driver.reaction) for each in functions(snapshot, "battery")]
    return max([SETTLE, *(seconds + 2.0 for seconds in reactions)])


def _limit(snapshot: Snapshot, settings: Settings, memory: Memory) -> tuple[Limit | None, Memory]:
    limits = []
    for member in functions(snapshot, "ripple"):
        found = ripple(settings.ripple, contacts(snapshot, member), snapshot.time, memory.ripple)
        if found is not memory.ripple:
            memory = replace(memory, ripple=found)
        limits.append(found.limit)
    if settings.limit_percent is not None:
        limits.append(Limit(settings.limit_percent, "set from outside"))
    return lowest(limits), memory


def contacts(snapshot: Snapshot, member: Member) -> Pattern | None:
    """The contact pattern that was read, None when any contact is unknown."""
    reading = snapshot.readings.get(member.name, {})
    values = [reading.get(f"k{number}") for number in (1, 2, 3, 4)]
    if not all(isinstance(value, bool) for value in values):
        return None
    return (bool(values[0]), bool(values[1]), bool(values[2]), bool(values[3]))


def generation(snapshot: Snapshot, limit: Limit | None) -> list[Setpoint]:
    """The limit on every generator that can be limited."""
    if limit is None or limit.percent >= 100:
        return []
    return [
        Setpoint(member.name, "limit_power", limit.percent / 100 * member.rated_power, limit.reason)
        for member in functions(snapshot, "pv", "battery")
        if member.can("limit_power") and member.rated_power
    ]


def available(snapshot: Snapshot, settings: Settings) -> float | None:
    """Power in W that could be spent on car and heating rod, None without a grid meter."""
    grid = next((snapshot.value(each.name, "power") for each in functions(snapshot, "grid-meter")), None)
    if grid is None:
        return None
    loads = sum(snapshot.value(each.name, "power") or 0.0 for each in functions(snapshot, "charger", "heater"))
    stored = sum(snapshot.value(each.name, "battery_power") or 0.0 for each in functions(snapshot, "battery"))
    charged = stored if settings.car_first else max(stored, 0.0)  # what the battery gives is no surplus
    return loads - grid - charged


def _loads(snapshot: Snapshot, settings: Settings, memory: Memory, surplus: float) -> tuple[list[Setpoint], Memory]:
    setpoints = []
    room = fuse_room(snapshot, settings)
    for member in functions(snapshot, "charger"):
        if settings.charging == "cheap":
            price = price_now(snapshot)
            if price is None or price > settings.cheap_below:
                reason = "no price is known" if price is None else f"{price:.1f} ct/kWh is too dear"
                setpoints.append(Setpoint(member.name, "pause", None, reason))
                continue
        if settings.charging in ("fast", "cheap"):
            amperes = min(settings.maximum_current, room)
            if amperes < MINIMUM:
                setpoints.append(Setpoint(member.name, "pause", None, f"the fuse leaves {max(room, 0):.0f} A"))
            else:
                setpoints.append(
                    Setpoint(member.name, "limit_current", float(int(amperes)), f"{settings.charging} charging")
                )
                room -= amperes
            surplus -= snapshot.value(member.name, "power") or 0.0
            continue
        if settings.charging == "off" or not snapshot.readings.get(member.name, {}).get("plugged", True):
            setpoints.append(Setpoint(member.name, "pause", None, "no charging wanted"))
            memory = replace(memory, charging=ChargingMemory())
            continue
        plan = charging(
            surplus,
            snapshot.time,
            memory.charging,
            phases=settings.phases,
            maximum=min(settings.maximum_current, max(room, MINIMUM)),
        )
        memory = replace(memory, charging=plan.memory)
        if plan.amperes is None:
            setpoints.append(Setpoint(member.name, "pause", None, f"surplus of {surplus:.0f} W is too little"))
        else:
            setpoints.append(Setpoint(member.name, "limit_current", plan.amperes, f"surplus of {surplus:.0f} W"))
            drawn = snapshot.value(member.name, "power")
            surplus -= plan.power if drawn is None else min(plan.power, drawn)
    for member in functions(snapshot, "heater"):
        watts = heating(surplus, settings.heater_power)
        setpoints.append(Setpoint(member.name, "set_power", watts, f"surplus of {surplus:.0f} W"))
        surplus -= watts
    return setpoints, memory


def price_now(snapshot: Snapshot) -> float | None:
    """ct/kWh at this moment by the tariff, None when it does not say."""
    now = datetime.fromtimestamp(snapshot.time, UTC)
    for member in functions(snapshot, "tariff"):
        prices = snapshot.readings.get(member.name, {}).get("prices")
        for slot in prices if isinstance(prices, list) else []:
            if datetime.fromisoformat(str(slot["start"])) <= now < datetime.fromisoformat(str(slot["end"])):
                return float(str(slot["price"]))
    return None


def fuse_room(snapshot: Snapshot, settings: Settings) -> float:
    """Amperes a phase that the fuse leaves to the cars, by what the rest of the house takes now."""
    if settings.fuse is None:
        return float("inf")
    grid = next((snapshot.value(each.name, "power") for each in functions(snapshot, "grid-meter")), None)
    cars = sum(snapshot.value(each.name, "power") or 0.0 for each in functions(snapshot, "charger"))
    return settings.fuse - ((grid or 0.0) - cars) / (settings.phases * VOLTAGE)


def _idle(snapshot: Snapshot) -> list[Setpoint]:
    """Without a grid meter no load may be switched on by surplus."""
    reason = "no grid meter reading"
    idle = [Setpoint(each.name, "pause", None, reason) for each in functions(snapshot, "charger")]
    return [*idle, *(Setpoint(each.name, "set_power", 0.0, reason) for each in functions(snapshot, "heater"))]


def battery(snapshot: Snapshot) -> list[Setpoint]:
    """Bring the grid meter to zero with a battery that does not regulate by itself."""
    setpoints = []
    for member in functions(snapshot, "battery"):
        grid = next((snapshot.value(each.name, "power") for each in functions(snapshot, "grid-meter")), None)
        now = snapshot.value(member.name, "battery_power")
        if grid is None or now is None:
            continue
        wanted = now + grid
        command = "discharge" if wanted >= 0 else "charge"
        setpoints.append(Setpoint(member.name, command, abs(wanted), f"grid at {grid:.0f} W"))  # type: ignore[arg-type]
    return setpoints


def functions(snapshot: Snapshot, *wanted: Function) -> Sequence[Member]:
    """The members of these functions that are not rejected."""
    return [each for each in snapshot.members.values() if each.function in wanted and each.state != "rejected"]


class Household:
    """`decide` with its settings and memory: what a Hem takes as its strategy."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.memory = Memory()

    def __call__(self, snapshot: Snapshot) -> Sequence[Setpoint]:
        setpoints, self.memory = decide(snapshot, self.settings, self.memory)
        return setpoints

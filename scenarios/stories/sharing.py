"""Stories about a device among others: on one line, at a unit id, within the time of a cycle, and left alone."""

from controller.errors import DeviceError, LineClosed, LineTimeout, Refused, WrongDevice
from emulators.family.build import build
from scenarios.bench.bench import Bench
from scenarios.bench.demands import COMMANDS
from scenarios.bench.record import NotApplicable
from scenarios.bench.registers import spoken, units
from scenarios.bench.story import Story, answering
from scenarios.stories.required import told_at


async def wrong_unit(bench: Bench) -> None:
    """The driver asks at a unit id where nobody is: a typed error, never somebody else's data."""
    bench.driver.unit = 99 if bench.device.unit != 99 else 98
    answer = await bench.attempt(bench.identify)
    if not isinstance(answer, DeviceError):
        answer = await bench.attempt(bench.read)
    expected = (LineTimeout, LineClosed, Refused, WrongDevice)  # the last where a gateway says so
    bench.record.check("a foreign unit id is nobody's", isinstance(answer, expected), "a typed error", answer)
    place = 7 if bench.protocol == "modbus-tcp" else 1
    said = [data for _, way, data in bench.record.frames if way == "<" and not data[place] & 0x80]
    bench.record.check("nobody's data come from there", not said, "no answer, or exceptions", said[:1])


def with_units(protocol: str) -> bool:
    return "modbus" in protocol


def has_units(bench: Bench) -> str:
    return "the device ignores the unit id" if bench.profile.data.get("modbus", {}).get("any_unit") else ""


async def two_devices(bench: Bench) -> None:
    """A second device of the same kind shares the line at another unit id; each tells its own values."""
    if bench.device.unit > 246:
        raise NotApplicable("the unit id of this device is fixed")
    other_unit = bench.device.unit + 1
    second = build(
        bench.row.row,
        bench.protocol,
        clock=lambda: float(bench.env.now),
        model=bench.device.model,
        unit=other_unit,
        profile=bench.profile,
    )
    station, extra = bench.installation.wire.open()._station, second.wire.open()._station
    if extra.main not in extra.units or extra.main in station.units:
        raise NotApplicable("the unit id of this device is fixed")
    station.units[extra.main] = extra.units[extra.main]
    other = Bench(bench.row.row, bench.protocol, bench.device.model, driver=bench.driver_class, profile=bench.profile)
    other.installation = second
    other.env, other.record = bench.env, bench.record
    neighbour = bench.driver_class(bench.line, bench.clock, extra.main, row=bench.row.row, model=bench.device.model)
    for driver in (bench.driver, neighbour):
        await driver.identify()
    bench.set_telling(0)
    other.set_telling(1)
    await bench.sleep(1.1)
    bench.compare(await bench.read(), "of the first device")
    told = await neighbour.read()
    other.lacks = shared(bench, {bench.device.unit, extra.main})
    other.compare(told, "of the second device")


def shared(bench: Bench, own: set[int]) -> frozenset[str]:
    """Quantities that two devices on one line have in common: those asked for at a unit id that is neither's own."""
    answering = units(bench)
    common = [answering[number] for number in spoken(bench) - own if number in answering]
    found = frozenset(name for unit in common for name in told_at(bench, unit))
    return found | {"power"} if "power_l1" in found else found  # the sum of its phases


async def poll_budget(bench: Bench) -> None:
    """A cycle of a HEM is a second; a device on a slow line may take three."""
    await bench.identify()
    await bench.sleep(1.1)
    await bench.read()
    begin, exchanges = bench.clock.now(), len(bench.record.frames)
    for _ in range(5):
        await bench.read()
    spent = (bench.clock.now() - begin) / 5
    budget = 5.0 if bench.installation.serial is not None else bench.kind.budget
    bench.record.check("seconds a reading", spent <= budget, f"<= {budget}", spent)
    bench.record.figures["seconds_per_reading"] = spent
    bench.record.figures["frames_per_reading"] = (len(bench.record.frames) - exchanges) / 5


async def hands_off(bench: Bench) -> None:
    """A device that the list calls read-only is never written to."""
    for name in COMMANDS:
        bench.record.check(f"the driver has no {name}", not bench.can(name), "no such command", name)
    await bench.identify()
    for _ in range(10):
        await bench.read()
        await bench.sleep(1.0)
    bench.record.check("nothing was written on the wire", not bench.writes(), "no write", bench.writes())


def read_only(bench: Bench) -> str:
    return "the device has to take commands" if bench.kind.commands and not bench.exempt("release") else ""


STORIES = (
    Story("wrong-unit", "Is nobody's answer nobody's?", "Gateways answer for others.",
          "a typed error", wrong_unit, has_units, kinds=answering, wires=with_units),
    Story("two-devices", "Do two devices share a line?", "RS485 has one pair for all.",
          "each twin's truth", two_devices, has_units, kinds=answering, wires=with_units),
    Story("poll-budget", "Is a reading quick enough?", "A cycle that takes too long controls nothing.",
          "1.5 s on a network, 5 s on a serial line", poll_budget),
    Story("hands-off", "Is a read-only device left alone?", "The list forbids control of some devices.",
          "no command in the driver, no write on the wire", hands_off, read_only),
)  # fmt: skip

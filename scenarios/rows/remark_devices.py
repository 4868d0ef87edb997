"""Remarks on how a device behaves on its wire: locks, lone clients, nights, its pace, what must be left alone."""

from itertools import pairwise
from typing import Any

from controller.devices import Reading
from controller.drivers.hardybarth import EcbMeter
from controller.drivers.sunspec.inverter import SunSpecReader
from controller.drivers.sunspec.models import IntegerInverter
from controller.errors import DeviceError, LineClosed, LineTimeout, NotControllable, WrongDevice
from rigs.simulated import line_for
from scenarios.bench.around import alone
from scenarios.bench.bench import Bench
from scenarios.bench.commands import commands, ready, slack
from scenarios.kinds.truths import tolerance

WRITES = (5, 6, 15, 16)


def written(bench: Bench, since: int = 0) -> list[float]:
    """When something was written on this Modbus/TCP line."""
    return [at for at, way, data in bench.record.frames[since:] if way == ">" and data[7] in WRITES]


async def limit_without_meter(bench: Bench) -> None:
    """Row 48: without its external sensor the inverter takes a reduction and does not follow it."""
    await bench.identify()
    sun = 0.83 * bench.rating
    bench.set(soc=55.0, pv_power=sun, battery_power=0.0)
    await bench.attempt(lambda: bench.driver.limit_power(0.3 * bench.rating))
    await bench.sleep(bench.driver.reaction)
    bench.record.close("PV power", bench.truth("pv_power"), sun, slack(bench), "W")


async def battery_untouched(bench: Bench) -> None:
    """Rows 32 and 33: charge and level are read; whatever is commanded, no register of a battery is written."""
    await bench.identify()
    ready(bench)
    for turn in (0, 1):
        bench.set_telling(turn)
        await bench.sleep(1.1)
        reading = await bench.read()
        for quantity in ("battery_power", "soc"):
            true, found = bench.truth(quantity), reading.get(quantity)
            bench.record.close(f"{quantity} in reading {turn + 1}", found, true, tolerance(quantity, true))
    for command in ("charge", "discharge"):
        bench.record.check(f"no {command}", not bench.can(command), "no such command", command)
    ready(bench)
    for each in commands(bench):
        await each.give(bench)
        await bench.sleep(2.0)
    await bench.driver.release()
    targets = sorted({write.target for write in bench.writes()})
    battery = [target for target in targets if 37000 <= target < 38000 or 47000 <= target < 48000]
    bench.record.check("the limit was written", bool(targets), "a register", targets)
    bench.record.check("no register of the battery was written", not battery, "none", battery)


async def locked(bench: Bench) -> None:
    """Rows 61 and 62: before SAX has unlocked it a command fails by name and nothing moves; afterwards it works."""
    await bench.identify()
    bench.set(soc=55.0)
    before = bench.truth("battery_power")
    for name in ("charge", "discharge"):
        answer = await bench.attempt(lambda name=name: getattr(bench.driver, name)(1234.0))  # type: ignore[misc]
        told = isinstance(answer, NotControllable)
        bench.record.check(f"{name} while locked", told, "NotControllable", answer)
        await bench.sleep(bench.driver.reaction)
        bench.record.close(f"battery_power after {name} while locked", bench.truth("battery_power"), before, 1.0, "W")
    bench.device.operator["unlock"]()
    await bench.driver.charge(1234.0)
    await bench.sleep(bench.driver.reaction)
    bench.record.close("battery_power once unlocked", bench.truth("battery_power"), -1234.0, slack(bench), "W")


async def night(bench: Bench) -> None:
    """Row 14: at night nobody answers; in the morning the limit, which the night has taken, stands again."""
    record, rating = bench.record, bench.rating
    limit = 0.4 * rating
    house = alone(bench)
    member = house.member
    house.plan.ask(house.name, "limit_power", limit)
    ready(bench)
    house.start()
    await bench.sleep(20.0)
    record.close("power by day", bench.truth("power"), limit, slack(bench), "W")
    bench.set(power=0.0)
    getattr(bench.device.face, "reboot", lambda: None)()
    bench.twin.available, face = 0.0, bench.device.face
    face._sun_seen = True  # type: ignore[attr-defined]
    await bench.sleep(60.0)
    record.check("the device at night", member.state == "offline", "offline", member.state)
    record.check("and why", bool(member.error), "an error", member.error)
    answer = await bench.attempt(bench.driver.read)
    record.check("reading at night", isinstance(answer, LineTimeout | LineClosed), "LineTimeout", answer)
    await bench.sleep(8 * 3600.0)
    ready(bench)
    await bench.sleep(45.0)
    record.check("the device in the morning", member.state == "online", "online", member.state)
    record.close("power in the morning", bench.truth("power"), limit, slack(bench), "W")
    await house.stop()


class Beside(SunSpecReader, IntegerInverter):
    """The same inverter through its SunSpec profile."""


async def two_units(bench: Bench) -> None:
    """Rows 1 to 5: unit 3 with SMA's profile and unit 126 with SunSpec tell the same of one inverter."""
    line: Any = bench.line
    other = Beside(line, bench.clock, bench.device.unit + 123)
    own = await bench.identify()
    common = await other.common()
    bench.record.check("both name SMA", (own.manufacturer, common["maker"]) == ("SMA", "SMA"), "SMA", common["maker"])
    bench.record.check("both tell one serial number", common["serial_number"] == own.serial, own.serial, common)
    for turn in (0, 1):
        bench.set_telling(turn)
        await bench.sleep(1.1)
        one, two = await bench.read(), await other.read()
        for quantity in ("power", "energy", "frequency", "voltage_l1", "current_l1"):
            compared(bench, quantity, one, two, turn + 1)
    bench.record.check("one socket", len(connections(bench)) == 1, 1, len(connections(bench)))


def compared(bench: Bench, quantity: str, one: Reading, two: Reading, number: int) -> None:
    """Both readings of a quantity against each other, where both have it."""
    first, second = one.get(quantity), two.get(quantity)
    if isinstance(first, int | float) and isinstance(second, int | float):
        close = 2 * tolerance(quantity, float(first))
        bench.record.close(f"{quantity} at both units in reading {number}", second, float(first), close)
    else:
        both = quantity == "energy" and second is not None
        bench.record.check(f"{quantity} at both units in reading {number}", both, "two values", (first, second))


def connections(bench: Bench) -> list[Any]:
    endpoint = bench.device.endpoint
    return list(endpoint.connections) if endpoint is not None else []


async def one_client(bench: Bench) -> None:
    """A second client is turned away, or throws the first one out, as the device does it; one of them works on."""
    record, rules = bench.record, bench.device.endpoint.rules if bench.device.endpoint else None
    limit, policy = (rules.limit, rules.policy) if rules else (0, "")
    record.check("clients that the device takes", limit == 1, 1, limit)
    await bench.identify()
    second = line_for(bench.env, bench.installation)
    other = bench.driver_class(second, bench.clock, None, row=bench.row.row, model=bench.device.model)
    answer = await bench.attempt(other.identify)
    record.check("clients that are connected", len(connections(bench)) == 1, 1, len(connections(bench)))
    if policy == "refuse":
        record.check("the second is turned away", isinstance(answer, LineClosed), "LineClosed", answer)
        mine = await bench.attempt(bench.read)
        record.check("the first works on", not isinstance(mine, DeviceError), "a reading", mine)
        return
    record.check("the second is taken", not isinstance(answer, DeviceError), "an identity", answer)
    theirs = await bench.attempt(other.read)
    record.check("the second works", not isinstance(theirs, DeviceError), "a reading", theirs)
    mine = await bench.attempt(bench.read)  # the first comes back and throws the second out
    if isinstance(mine, DeviceError):
        record.check("being thrown out is a closed line", isinstance(mine, LineClosed), "LineClosed", mine)
        mine = await bench.attempt(bench.read)
    record.check("the first comes back", not isinstance(mine, DeviceError), "a reading", mine)
    record.check("still one is connected", len(connections(bench)) == 1, 1, len(connections(bench)))


async def quiet_second(bench: Bench) -> None:
    """Row 33: a request in the first second of a connection is lost; the driver waits and loses none."""
    await bench.identify()
    asked = [at for at, way, _ in bench.record.frames if way == ">"]
    answered = [at for at, way, _ in bench.record.frames if way == "<"]
    since = connections(bench)[0].since
    bench.record.check("the first request waits", asked[0] - since >= 1.0, ">= 1 s", asked[0] - since)
    bench.record.check("no request is lost", len(asked) == len(answered), len(asked), len(answered))
    hasty: Any = line_for(bench.env, bench.installation)
    answer = await bench.attempt(lambda: hasty.read(bench.driver.unit, 3, 32080, 2))
    bench.record.check("who does not wait is not heard", isinstance(answer, LineTimeout), "LineTimeout", answer)


async def one_a_second(bench: Bench) -> None:
    """Row 40: whatever is wanted, a second lies between two writes, and none is refused."""
    await bench.identify()
    ready(bench)
    begin = len(bench.record.frames)
    for _ in range(2):
        await bench.driver.charge(7_000.0)
        await bench.driver.discharge(9_000.0)
        await bench.driver.limit_power(0.5 * bench.rating)
        await bench.driver.release()
    times = written(bench, begin)
    gaps = [after - before for before, after in pairwise(times)]
    bench.record.check("there were writes", len(times) >= 8, ">= 8", len(times))
    least = min(gaps, default=0.0)
    bench.record.check("seconds between writes", least >= 1.0 - 1e-6, ">= 1 s", least)
    refused = [write for write in bench.writes() if not write.accepted]
    bench.record.check("none was refused", not refused, 0, refused[:2])


async def old_identity(bench: Bench) -> None:
    """Rows 34 to 37: a REFUsol that has kept its old interface has no AE identity and is not taken."""
    answer = await bench.attempt(bench.identify)
    bench.record.check("an old REFUsol", isinstance(answer, WrongDevice), "WrongDevice", answer)
    found = getattr(answer, "found", "")
    bench.record.check("it is named", "REFUsol" in found, "REFUsol", found)


async def internal_meter(bench: Bench) -> None:
    """Rows 83 and 84: the eCB1 meter, external or internal, answers on the host of the charging point."""
    line: Any = bench.line
    meter = EcbMeter(line, bench.clock, row=127)
    await bench.identify()
    bench.set_telling(0)
    await bench.sleep(1.1)
    who = await meter.identify()
    bench.record.check("the meter's kind", who.model == "eCB1", "eCB1", who.model)
    kind = dict(await meter._api.get(meter.meter, meter.unit)).get("type")
    wanted = "eCB1 intern" if bench.row.row == 84 else "eCB1 extern"
    bench.record.check("the meter's place", kind == wanted, wanted, kind)
    metered, charging = await meter.read(), await bench.read()
    for quantity in ("power", "current_l1", "current_l2"):
        true = float(bench.truth(quantity))
        for whose, reading in (("meter", metered), ("charging point", charging)):
            bench.record.close(f"{quantity} of the {whose}", reading.get(quantity), true, tolerance(quantity, true))


async def other_meters(bench: Bench) -> None:
    """Row 127: the meters of other makers that an eCB1 reads are read through it, each with its own values."""
    await bench.identify()
    others = {int(number): twin for number, twin in bench.device.beside.items()}
    bench.record.check("meters of other makers", len(others) == 4, 4, len(others))
    bench.set(power=-1234.0, import_energy=71_234_500.0)
    for number, twin in others.items():
        twin.set("power", 321.0 * number)
        twin.set("import_energy", 1_000_000.0 * number)
    await bench.sleep(1.1)
    for number in (bench.driver.unit, *others):
        meter = bench.driver_class(bench.line, bench.clock, number, row=bench.row.row)
        who, found = await meter.identify(), await meter.read()
        power, energy = (321.0 * number, 1e6 * number) if number in others else (-1234.0, 71_234_500.0)
        about = f"meter {number}, {who.model}"
        bench.record.close(f"power of {about}", found["power"], power, 1.0, "W")
        bench.record.close(f"import_energy of {about}", found["import_energy"], energy, 110.0, "Wh")


async def reserve(bench: Bench) -> None:
    """Row 56: what is kept for an emergency stays, however much is asked for, and nobody writes to it."""
    await bench.identify()
    kept = float(bench.facts.more["soc_min"])
    bench.set(soc=kept + 0.2)
    end = bench.clock.now() + 900.0
    while bench.clock.now() < end:
        await bench.attempt(lambda: bench.driver.discharge(bench.rating))
        await bench.sleep(bench.driver.refresh or 5.0)
    bench.record.close("the level after a quarter of an hour", bench.truth("soc"), kept, 0.1, "%")
    bench.record.close("battery_power at the reserve", bench.truth("battery_power"), 0.0, slack(bench), "W")
    bench.set(soc=kept + 30.0)
    await bench.driver.discharge(0.5 * bench.rating)
    await bench.sleep(bench.driver.reaction)
    found = bench.truth("battery_power")
    bench.record.close("battery_power above it", found, 0.5 * bench.rating, slack(bench), "W")
    refused = [write for write in bench.writes() if not write.accepted]
    bench.record.check("no write was refused", not refused, 0, refused[:2])

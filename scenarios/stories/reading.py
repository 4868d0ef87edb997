"""Stories about reading: what does it say, with which sign, and what when it says nothing."""

from controller.errors import DeviceError
from scenarios.bench.bench import OF_THE_BATTERY, Bench
from scenarios.bench.demands import contract
from scenarios.bench.record import NotApplicable
from scenarios.bench.registers import spaces
from scenarios.bench.story import Story
from scenarios.kinds.kind import Kind
from scenarios.kinds.truths import tolerance
from scenarios.kinds.truths import wide as wide_truth
from scenarios.stories import placed
from scenarios.stories.required import required
from twin.dc_charger import DcChargingPoint

COLD = ("temperature", "water_temperature", "return_temperature")  # below zero in a cellar that freezes
COUNTERS = ("energy", "import_energy", "export_energy", "charge_energy", "discharge_energy")


def fit_meter(bench: Bench, turn: int = 0) -> None:
    """Wire the meter at the grid connection where that is left to the installer."""
    fit = bench.device.operator.get("fit-meter")
    if fit is not None:
        fit(grid_power=(-2345.0, 3217.0)[turn])
        bench.set_metered(turn)


def undoubted(bench: Bench, when: str) -> None:
    """A healthy device is believed: a doubt is an event that sends an installer for nothing."""
    doubts = dict(getattr(bench.driver, "doubts", {}))
    bench.record.check(f"nothing is doubted {when}", not doubts, {}, doubts)


async def read(bench: Bench) -> None:
    fit_meter(bench)
    await bench.identify()
    told: set[str] = set()
    for turn in (0, 1):
        bench.set_telling(turn)
        fit_meter(bench, turn)
        await bench.sleep(1.1)
        reading = await bench.read()
        now = {name for name, value in reading.items() if value is not None and bench.knows(name)}
        bench.record.check("what was told before is told again", told <= now, sorted(told - now), "")
        told = now
        compared = bench.compare(reading, f"in reading {turn + 1}")
        undoubted(bench, f"in reading {turn + 1}")
        bench.record.check("something was compared", compared > 0, "> 0", compared)
        for quantity in required(bench):
            bench.record.check(
                f"{quantity} is delivered", reading.get(quantity) is not None, "a value", reading.get(quantity)
            )
        if bench.battery is None:
            phantom = sorted(name for name in OF_THE_BATTERY if reading.get(name) is not None)
            bench.record.check("nothing is told of a battery that is not there", not phantom, [], phantom)
        bench.record.figures["quantities"] = float(compared)


MANY = 412.5  # A
OFFSETS = (0.0, 16_384.0)  # raw value of 0 W: SAX counts from 16 384


async def wide(bench: Bench) -> None:
    """Powers above 65 535 W, as far as the device's registers can hold them; counters above a gigawatt hour's tenth.

    A car of few volts then takes more amperes than half of a register of hundredths holds.
    """
    await bench.identify()
    bench.set_telling(0)
    bench.set(**wide_truth(bench.twin.truth()))
    if isinstance(bench.twin, DcChargingPoint):
        bench.twin.vehicle_voltage = float(bench.twin.power) / MANY
    await bench.sleep(1.1)
    reading = await bench.read()
    full = [limit for space in spaces(bench) for limit in space.full()]
    for quantity, found in reading.items():
        if not bench.knows(quantity) or not isinstance(found, int | float):
            continue
        if quantity in COUNTERS and quantity in bench.twin.quantities:
            true = float(bench.truth(quantity))
            bench.record.close(f"{quantity} with its highest bit", found, true, tolerance(quantity, true), "Wh")
        if quantity == "dc_current":
            true = float(bench.truth(quantity))
            bench.record.close("dc_current with its highest bit", found, true, tolerance(quantity, true), "A")
        if not quantity.endswith("power"):
            continue
        true = float(bench.truth(quantity))
        if brimful(abs(found), full):
            continue  # the register is full; that is the device, not the driver
        bench.record.close(f"{quantity} above 16 bit", found, true, tolerance(quantity, true), "W")
    if not bench.record.checks:
        raise NotApplicable("no power register of this device holds more than 16 bit of watts")


def powered(kind: Kind) -> bool:
    return "power" in contract(kind.section)


def brimful(found: float, full: list[float]) -> bool:
    """Whether a power is a full register, the sum of up to four of them, or one less an offset."""
    sums = [times * limit - offset for limit in full for times in (1, 2, 3, 4) for offset in OFFSETS]
    return any(abs(found - each) <= 0.01 * each for each in sums)


async def states(bench: Bench) -> None:
    """What the device says it does, in the house's words."""
    await bench.identify()
    if bench.kind.tell_states is not None:
        await bench.kind.tell_states(bench)
        return
    assert bench.kind.states is not None
    quantity, words = bench.kind.states
    for word in words:
        bench.set_telling(0)
        bench.set(plugged=word != "A")
        if word == "standby" and bench.section == "battery-inverter":  # nothing flows then: all that some have to tell
            bench.set(pv_power=0.0, battery_power=0.0, power=0.0)
        bench.set(**{quantity: word})
        await bench.sleep(1.1)
        reading = await bench.read()
        bench.record.check(f"{quantity} when {word}", reading.get(quantity) == word, word, reading.get(quantity))
        bench.compare({each: reading[each] for each in bench.kind.besides if each in reading}, f"when {word}")
    if bench.kind.fault and not bench.exempt("fault"):
        bench.set(**bench.kind.fault)
        await bench.sleep(1.1)
        told = (await bench.read()).get("status")
        bench.record.check("a fault is told", told == "fault", "fault", told)


def has_states(bench: Bench) -> str:
    quantity = bench.kind.states[0] if bench.kind.states else "mode"
    return "" if quantity not in bench.lacks and not bench.exempt(quantity) else bench.exempt(quantity) or "not here"


async def signs(bench: Bench) -> None:
    """Every power that has two directions, and below zero all that can be: a night in which the battery is charged."""
    fit_meter(bench)
    await bench.identify()
    rating = bench.rating or 10_000.0
    for turn, share in enumerate((-0.1877, 0.2311)):
        value = share * rating
        bench.set_telling(turn)
        if "pv_power" in bench.twin.quantities:
            bench.set(pv_power=0.0)
        for quantity in bench.kind.signed:
            if bench.truth(quantity) is not None:
                bench.set(**{quantity: value / 3 if "_l" in quantity and bench.twin.phases == 3 else value})
        bench.set(**dict.fromkeys(COLD, -7.4 if share < 0 else 41.3))
        await bench.sleep(1.1)
        reading = await bench.read()
        for quantity in (*bench.kind.signed, *COLD):
            true = bench.truth(quantity)
            if quantity in reading and bench.knows(quantity) and true is not None:
                bench.record.close(
                    f"{quantity} at {true:.5g}", reading[quantity], true, bench.tolerance(quantity, true)
                )
        if bench.record.checks:
            bench.compare(reading, f"at {value:.0f} W")
    if not bench.record.checks:
        raise NotApplicable("nothing that this device tells has two signs")


async def not_available(bench: Bench) -> None:
    await bench.identify()
    bench.set_telling(0)
    await bench.sleep(1.1)
    before = await bench.read()
    bench.device.faults.on("not-available")
    await bench.sleep(1.1)
    reading = await bench.attempt(bench.read)
    bench.device.faults.off("not-available")
    if isinstance(reading, DeviceError):
        bench.record.check("the driver says that it cannot read", True, "None or a typed error", reading)
        return
    absent = 0
    for quantity, found in reading.items():
        if not bench.knows(quantity) or before.get(quantity) is None:
            continue
        true = bench.truth(quantity)
        near = (
            isinstance(true, int | float)
            and isinstance(found, int | float)
            and abs(found - true) <= tolerance(quantity, true)
        )
        absent += found is None
        bench.record.check(f"{quantity} when not available", found is None or near or found == true, "None", found)
    bench.record.check("not available was seen at all", absent > 0, "> 0 quantities", absent)
    undoubted(bench, "of what is not available")


def has_sentinels(bench: Bench) -> str:
    data = bench.profile.data
    tables = [data, *data.get("hanging", {}).values()]
    if not any(table.get("not_available") or table.get("sunspec") for table in tables):
        return "the document names no not-available pattern"
    return ""


async def counters(bench: Bench) -> None:
    """Ten hours at constant power; the counters have to show it, across 32 bits of Wh / 100 as well."""
    await bench.identify()
    rating = bench.rating or 10_000.0
    for quantity in COUNTERS:
        bench.set(**{quantity: 4_294_000.0})
    bench.set(power=0.6137 * rating)
    await bench.sleep(1.1)
    before = await bench.read()
    wanted = set(required(bench))
    await bench.sleep(10 * 3600.0)
    after = await bench.read()
    looked = 0
    for quantity in COUNTERS:
        first, last = before.get(quantity), after.get(quantity)
        if isinstance(first, int | float) and isinstance(last, int | float) and quantity in bench.twin.quantities:
            grown = bench.truth(quantity) - 4_294_000.0
            looked += 1
            bench.record.close(
                f"{quantity} after ten hours", last - first, grown, 2 * tolerance(quantity, grown) + 0.01 * grown, "Wh"
            )
    for quantity in COUNTERS:
        if quantity in wanted:
            told = isinstance(before.get(quantity), int | float)
            bench.record.check(f"{quantity} is read", told, "a counter", before.get(quantity))
    if not looked and not wanted & set(COUNTERS):
        raise NotApplicable(f"it tells no energy counter: {bench.exempt('energy') or 'its document has none'}")


def with_registers(protocol: str) -> bool:
    return "modbus" in protocol


def with_signs(kind: Kind) -> bool:
    return bool(kind.signed)


def with_states(kind: Kind) -> bool:
    return kind.states is not None or kind.tell_states is not None


def counting(kind: Kind) -> bool:
    return any("energy" in quantity for quantity in contract(kind.section))


STORIES = (
    Story("read", "Is every quantity read as it is?", "Address, scale, sign, width and word order at once.",
          "the twin's truth, two sets of telling values", read, every_model=True, real="reads", placed=placed.read),
    Story("signs", "Do both directions carry the right sign?", "A flipped sign turns saving into buying.",
          "house signs: import, generation, discharge positive", signs, kinds=with_signs),
    Story("wide", "Are large powers whole?", "The high word of a register is zero in every small house.",
          "the twin's truth above 65 535 W", wide, kinds=powered),
    Story("states", "Does it say what it is doing?", "A fault that looks like night is found in spring.",
          "the twin's status, the vehicle's state", states, has_states, kinds=with_states),
    Story("not-available", "Is a missing value absent?", "A sentinel read as a number is a huge power.",
          "None, or the truth where the register has no pattern", not_available, has_sentinels, wires=with_registers),
    Story("counters", "Do counters count?", "Bills and rates are made of differences.",
          "the twin's counters over ten hours", counters, kinds=counting, real="reads", placed=placed.counters),
)  # fmt: skip

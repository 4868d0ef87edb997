"""Remarks on what only listens: meters that want a PIN, and the contacts of a ripple-control receiver."""

from itertools import product

from controller.counters import Counter
from scenarios.bench.around import House, contacts
from scenarios.bench.bench import Bench

HOLD = 60.0  # s for which the last limit stands
Pattern = tuple[bool, bool, bool, bool]
STEP = 1000.0  # Wh that a meter without PIN counts in
LOOKS = 12  # half a minute apart, in which 1.7 kWh flow: steps come by


async def pin(bench: Bench) -> None:
    """Without PIN whole kilowatt-hours and no power, never a power made of steps; with it all, and no jump."""
    record, draw = bench.record, 17_345.6
    bench.set(import_energy=12_345_678.9, power=draw)
    await bench.identify()
    counter = Counter(30_000.0)
    for _ in range(LOOKS):
        await bench.sleep(30.0)
        reading = await bench.read()
        counter.count(_number(reading["import_energy"]), bench.clock.now())
        if not record.check("no power without PIN", reading["power"] is None, None, reading["power"]):
            return
    record.check("the reason is readable", "PIN" in str(reading.get("status")), "PIN", reading.get("status"))
    coarse = _number(reading["import_energy"]) or 0.0
    record.check("energies are whole kWh", coarse % STEP == 0.0, "n x 1000 Wh", coarse)
    record.close("energy without PIN", coarse, bench.truth("import_energy"), STEP, "Wh")
    record.close("what was counted", counter.total, LOOKS * 30 * draw / 3600, STEP, "Wh")
    before = counter.total
    bench.device.operator["enter_pin"]("0000")
    await bench.sleep(3.0)
    reading = await bench.read()
    record.check("a wrong PIN opens nothing", reading["power"] is None, None, reading["power"])
    bench.device.operator["enter_pin"]("4711")
    await bench.sleep(3.0)
    reading = await bench.read()
    record.close("power with PIN", reading["power"], draw, 1.0, "W")
    record.check("no complaint with PIN", reading.get("status") is None, None, reading.get("status"))
    fine = _number(reading["import_energy"])
    record.close("energy with PIN", fine, bench.truth("import_energy"), 2.0, "Wh")
    counter.count(fine, bench.clock.now())
    record.check("energy does not jump", 0.0 <= counter.total - before <= STEP, "0 to 1000 Wh", counter.total - before)
    record.check("nothing to complain of the counter", not counter.note, "", counter.note)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


PATTERNS: tuple[Pattern, ...] = tuple(product((False, True), repeat=4))  # type: ignore[arg-type]
# No order in it: nothing but the table can tell.
PERCENT = (100.0, 37.0, 81.0, 12.5, 60.0, 3.0, 44.0, 95.0, 0.0, 73.0, 28.0, 66.0, 19.0, 88.0, 7.0, 51.0)


async def combinations(bench: Bench) -> None:
    """Whatever percentage is configured for a combination is what counts at the meter, for all sixteen."""
    table = {_digits(pattern): share for pattern, share in zip(PATTERNS, PERCENT, strict=True)}
    house, rating = _plant(bench, {"patterns": table})
    for pattern, share in zip(PATTERNS, PERCENT, strict=True):
        contacts(house, pattern)
        await bench.sleep(12.0)
        limit = min(share / 100, 0.93) * rating
        bench.record.close(f"feed-in under {_digits(pattern)}", -house.grid, limit, 0.015 * rating, "W")
    await house.stop()


async def broken_input(bench: Bench) -> None:
    """A contact that cannot be read keeps the limit for a minute, then nothing is fed."""
    house, rating = _plant(bench, {})
    contacts(house, (False, True, False, False))
    await bench.sleep(15.0)
    bench.record.close("feed-in before", -house.grid, 0.6 * rating, 0.015 * rating, "W")
    bench.device.operator["break_input"]("k3")
    await bench.sleep(HOLD - 5.0)
    bench.record.close("held for a minute", -house.grid, 0.6 * rating, 0.015 * rating, "W")
    await bench.sleep(20.0)
    bench.record.close("then nothing", -house.grid, 0.0, 0.015 * rating, "W")
    bench.device.operator["repair_input"]("k3")
    await bench.sleep(12.0)
    bench.record.close("obeyed again when it can be read", -house.grid, 0.6 * rating, 0.015 * rating, "W")
    await house.stop()


def _plant(bench: Bench, own: dict[str, object]) -> tuple[House, float]:
    """A generator in full sun behind the receiver under test."""
    house = House(bench, "pv", "grid-meter", load=0.0, own=own)
    rating = float(house.twins["pv"].rated_power)
    house.sun(0.93 * rating)
    house.start()
    return house, rating


def _digits(pattern: Pattern) -> str:
    """K1 to K4 as a site file writes them."""
    return "".join(str(int(each)) for each in pattern)

"""Remarks on what only listens: meters that want a PIN, and the contacts of a ripple-control receiver."""

from itertools import product

from controller.counters import Counter
from controller.strategy.limits import HOLD, Pattern, RippleMemory, ripple
from rigs.sites import check
from scenarios.bench.bench import Bench

NAMES = ("k1", "k2", "k3", "k4")
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
    """Whatever percentage is configured for a combination is what counts, for all sixteen."""
    digits = {_digits(pattern): share for pattern, share in zip(PATTERNS, PERCENT, strict=True)}
    device = {"name": "receiver", "row": bench.row.row, "patterns": digits}
    table = check({"device": [device]}).ripple()
    await bench.identify()
    memory = RippleMemory()
    for pattern, share in zip(PATTERNS, PERCENT, strict=True):
        bench.set(**dict(zip(NAMES, pattern, strict=True)))
        for _ in range(3):
            reading = await bench.read()
            memory = ripple(table, _pattern(reading), bench.clock.now(), memory)
            await bench.sleep(1.0)
        found = memory.limit.percent
        bench.record.check(f"limit under {_digits(pattern)}", found == share, f"{share} %", f"{found} %")


async def broken_input(bench: Bench) -> None:
    """A contact that cannot be read keeps the limit for a minute, then nothing is fed."""
    table = check({"device": [{"name": "receiver", "row": bench.row.row}]}).ripple()
    await bench.identify()
    memory, limits = RippleMemory(), []
    bench.set(k1=False, k2=True, k3=False, k4=False)
    broken = 0.0
    for second in range(100):
        if second == 20:
            bench.device.operator["break_input"]("k3")
            broken = bench.clock.now()
        memory = ripple(table, _pattern(await bench.read()), bench.clock.now(), memory)
        limits.append((bench.clock.now() - broken, memory.limit.percent))
        await bench.sleep(1.0)
    held = {share for since, share in limits[20:] if since < HOLD - 2.0}
    after = {share for since, share in limits[20:] if since > HOLD + 3.0}
    bench.record.check("the limit before", limits[19][1] == 60.0, 60.0, limits[19][1])
    bench.record.check("held for a minute", held == {60.0}, {60.0}, held)
    bench.record.check("then fail-safe", after == {0.0}, {0.0}, after)
    bench.device.operator["repair_input"]("k3")
    for _ in range(4):
        memory = ripple(table, _pattern(await bench.read()), bench.clock.now(), memory)
        await bench.sleep(1.0)
    bench.record.check("obeyed again when it can be read", memory.limit.percent == 60.0, 60.0, memory.limit.percent)


def _digits(pattern: Pattern) -> str:
    """K1 to K4 as a site file writes them."""
    return "".join(str(int(each)) for each in pattern)


def _pattern(reading: object) -> Pattern | None:
    """The four contacts, None when one cannot be read."""
    assert isinstance(reading, dict)
    closed = [reading[name] for name in NAMES]
    return None if None in closed else (bool(closed[0]), bool(closed[1]), bool(closed[2]), bool(closed[3]))

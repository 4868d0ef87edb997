"""A signal that changes while something is broken: what a fault leaves is judged at the grid meter.

Each fault of the catalogue comes to one device of the reference house, and while it is there the receiver closes K4:
0 % for the generators, section 14a for car and battery. It goes, comes again, and meanwhile the contact opens. Whoever
is not broken obeys in time; whoever was obeys, or is free, `BACK` s after it can be reached again.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from controller.drivers.serving import driver_for
from emulators.faults.known import CATALOGUE, LIES
from emulators.wires.device import Device
from rigs.simulated import line_for
from scenarios.bench.around import House
from scenarios.bench.bench import Bench
from scenarios.bench.estates import house
from scenarios.bench.judge import Judge
from scenarios.bench.staging import LEAST, close, full, limit, plug, shining, within

BACK = 45.0  # s for one re-arm sequence, as for a device alone
OLD = 15.0  # s for which a reading counts, then the meter is unknown
RISES = 90.0  # s until a limit that has ended has risen, and cars have begun again
FUSE = 25.0  # A
LOAD = 10_000.0  # W, with the car at 16 A too much for the fuse
FAST = {"wallbox": {"charging": {"mode": "fast"}}}


@dataclass
class Scene:
    """The house in sun with a fast car, and its judge. `broken`: the device at fault, `until`: excused until then."""

    bench: Bench
    house: House
    broken: str
    judge: Judge
    bounds: dict[str, Any] = field(default_factory=dict)
    fault: str = ""
    until: float = 0.0

    @property
    def device(self) -> Device:
        return self.house.installations[self.broken].main

    def excused(self, name: str) -> bool:
        """Whether this one cannot be reached now, or could not a moment ago."""
        return name == self.broken and (bool(self.fault) or float(self.bench.env.now) < self.until)

    def unsure(self) -> bool:
        """Whether the car cannot be reached, or the grid meter lies, or either did a moment ago."""
        lies = self.excused("grid") and (self.fault in LIES or not self.fault)
        return lies or self.excused("wallbox")

    def signal(self, pattern: str) -> None:
        """The receiver's contacts, and what they mean from now on."""
        close(self.house, pattern)
        now, dims = float(self.bench.env.now), pattern == "0001"
        limit(self.bench, self.house, {name: self.bounds[name] for name in ("roof", "battery")}, 0 if dims else 100)
        self.bounds["loads"].order(LEAST[2] if dims else float("inf"), now)


def scene(bench: Bench, broken: str) -> Scene:
    home = house(bench, load=800.0, fuse=FUSE, grid={"section14a": {"receiver": "operator"}}, changed=FAST)
    shining(home, 0.9, "roof", "battery")
    full(home, "battery")
    plug(home, "wallbox", amperes=16.0)
    home.twins["rod"].set("water_temperature", 95.0)
    judge = Judge(home)
    judge.start()
    found = Scene(bench, home, broken, judge)
    for name in ("roof", "battery"):
        found.bounds[name] = judge.generator(name, within(home, name), partial(found.excused, name))
    late = OLD + within(home, "wallbox")
    found.bounds["loads"] = judge.dimmed(("wallbox", "battery"), late, found.unsure)
    judge.fuse(FUSE, late, excused=found.unsure)
    return found


async def faults(bench: Bench, place: str) -> None:
    """All faults of one device, one after the other in the same house."""
    it = scene(bench, place)
    it.house.start()
    await bench.sleep(40.0)
    for fault in known(it.device, beside=place != "grid"):
        await limited(bench, it, fault)
        await freed(bench, it, fault)
    it.judge.tell(bench.record, bench.start)
    await it.house.stop()


def known(device: Device, *, beside: bool) -> list[str]:
    """The faults that the device can have, and another master `beside` the controller."""
    return [fault for fault in CATALOGUE if fault in device.possible or (beside and fault == "second-master")]


async def limited(bench: Bench, it: Scene, fault: str) -> None:
    """The contact closes and the load rises under the fault, and both stay."""
    begin(it, fault)
    await bench.sleep(15.0)
    it.house.load(LOAD)
    it.signal("0001")
    await bench.sleep(25.0)
    end(it, fault)
    await bench.sleep(BACK + within(it.house, "wallbox"))
    it.house.note(None)
    fed = max(-it.house.grid, 0.0)
    bench.record.check(f"{fault}: nothing is fed", fed < 150, "0 W", fed)


async def freed(bench: Bench, it: Scene, fault: str) -> None:
    """The contact opens and the load falls under the fault: nothing of the limit stays."""
    begin(it, fault)
    await bench.sleep(15.0)
    it.house.load(800.0)
    it.signal("0000")
    await bench.sleep(25.0)
    end(it, fault)
    home = it.house

    def free() -> bool:
        home.physics.advance(float(bench.env.now))
        made = sum(float(home.twins[name].power) for name in ("roof", "battery"))
        offered = sum(0.88 * float(home.twins[name].rated_power) for name in ("roof", "battery"))
        return made >= offered and float(home.twins["wallbox"].power) > 10_000

    took = await bench.eventually(free, BACK + RISES, 5.0)
    home.note(None)
    found = {name: round(float(home.twins[name].power)) for name in ("roof", "battery", "wallbox")}
    bench.record.check(f"{fault}: all are free again", took is not None, f"within {BACK + RISES:g} s", found)


def begin(it: Scene, fault: str) -> None:
    it.fault = fault
    if fault == "second-master":
        stranger: Any = _stranger(it)
        it.bench.env.process(stranger)
    else:
        it.device.begin(fault, **({"seconds": 5.0} if fault == "late-reply" else {}))


def end(it: Scene, fault: str) -> None:
    it.fault = ""
    it.device.end(fault)
    it.until = float(it.bench.env.now) + BACK


async def _stranger(it: Scene) -> None:
    """Another controller commands the device against what stands there."""
    device = it.house.installations[it.broken]
    made: Any = driver_for(device.main.row, device.main.protocol)
    other = made(line_for(it.bench.env, device), it.bench.clock, None, row=device.main.row, model=device.main.model)
    await other.identify()
    if it.broken == "roof":
        await other.limit_power(0.5 * rating(it))
    else:
        await other.limit_current(16.0)


async def receiver(bench: Bench) -> None:
    """Each contact of the receiver breaks while the signal changes: held for a minute, then the strictest."""
    it = scene(bench, "operator")
    it.house.start()
    await bench.sleep(40.0)
    operator = it.house.installations["operator"].main.operator
    for contact in ("k1", "k2", "k3", "k4"):
        operator["break_input"](contact)
        await bench.sleep(20.0)
        close(it.house, "0001")
        await bench.sleep(41.0)
        it.signal("0001")  # a minute unreadable: the house limits itself
        await bench.sleep(30.0)
        operator["repair_input"](contact)
        await bench.sleep(20.0)
        it.house.note(0.0)
        bench.record.check(f"{contact}: nothing is fed", -it.house.grid < 150, "0 W", -it.house.grid)
        operator["break_input"](contact)
        await bench.sleep(10.0)
        close(it.house, "0000")
        await bench.sleep(20.0)
        operator["repair_input"](contact)
        it.signal("0000")
        await bench.sleep(RISES)
        made = float(it.house.twins["roof"].power)
        bench.record.check(f"{contact}: the roof is free again", made > 0.85 * rating(it), "sun", made)
    it.judge.tell(bench.record, bench.start)
    await it.house.stop()


def rating(it: Scene) -> float:
    return float(it.house.twins["roof"].rated_power)

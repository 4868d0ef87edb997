"""Several cars, several batteries and the fuses between them, in the farm and in houses drawn from the list."""

from itertools import pairwise
from random import Random

from scenarios.bench.around import House
from scenarios.bench.bench import Bench
from scenarios.bench.estates import CARPORT, STEPS, drawn, farm, stand
from scenarios.bench.judge import Judge
from scenarios.bench.staging import DECLARED, close, full, limit, plug, shining, watched, within
from scenarios.stories.estate_rules import FARM_CARS, taken

FAST = {name: {"charging": {"mode": "fast", "maximum_current": 32.0}} for name in FARM_CARS}
METER = 3.0  # s until the meter shows a load, it has been read and decided on
SEEDS = (3, 14, 15, 92, 65, 35)  # of the houses that are drawn
FUSE = 63.0  # A, of a house that is drawn


async def fuses(bench: Bench) -> None:
    """Four fast cars behind the carport's fuse and the main one, while the house takes more and less."""
    place = farm(bench, load=1000.0, fuse=50.0, changed=FAST)
    for name in ("house", "cellar"):
        place.twins[name].set("soc", 0.0)
    shining(place, 0.0, "barn", "shed", "house", "cellar")
    plug(place, *FARM_CARS)
    place.twins["yard"].vehicle_phases = 1
    judge, _ = watched(place)
    reaction = within(place, *FARM_CARS) + METER
    judge.fuse(50.0, reaction)
    judge.fuse(float(CARPORT["current"]), reaction, FARM_CARS, "carport")
    place.start()
    await bench.sleep(90.0)
    carport = taken(place)
    bench.record.check("the carport's fuse is used", carport > 0.8 * 40 * 690, f"> {0.8 * 40 * 690:.0f} W", carport)
    for load in (14_000.0, 25_000.0, 3000.0, 31_000.0):
        place.load(load)
        await bench.sleep(90.0)
        place.note(50.0 * 690)
        free = min(40.0 * 690, 50.0 * 690 - load)
        found = taken(place)
        bench.record.check(
            f"cars get what {load:.0f} W leave", found > 0.6 * free - 4000, f"> {0.6 * free - 4000:.0f} W", found
        )
    judge.tell(bench.record, bench.start)
    await place.stop()


async def batteries(bench: Bench) -> None:
    """Two regulated batteries share one error: the grid comes to rest, and neither feeds the other."""
    place = farm(bench, load=1500.0)
    twins = [place.twins[name] for name in ("house", "cellar")]
    shining(place, 0.0, "barn", "shed", "house", "cellar")
    for twin, soc in zip(twins, (72.0, 34.0), strict=True):
        twin.set("soc", soc)
    judge = Judge(place)
    judge.start()
    judge.bound(
        "what one battery gives the other",
        lambda: -min(twins[0].battery_power * twins[1].battery_power, 0.0) ** 0.5 if _against(twins) else 0.0,
        0.0, within=15.0, slack=100.0,
    )  # fmt: skip
    place.start()
    for load, sun in ((4000.0, 0.0), (9000.0, 0.0), (700.0, 0.2), (2500.0, 0.6), (12_000.0, 0.0)):
        place.load(load)
        shining(place, sun, "barn", "shed")
        await bench.sleep(70.0)
        place.note(0.0)
        bench.record.close(f"grid at {load:.0f} W and {sun:.0%} sun", place.grid, 0.0, 250.0, "W")
    judge.tell(bench.record, bench.start)
    for twin in twins:
        twin.set("soc", 10.0 if twin is twins[0] else 0.0)
    await bench.sleep(30.0)
    given = sum(max(float(twin.battery_power), 0.0) for twin in twins)
    bench.record.check("at their reserve they give nothing", given < 100, "0 W", given)
    await place.stop()
    free = [twin.battery_setpoint for twin in twins]
    bench.record.check("they are free when the controller has stopped", free == [None, None], [None, None], free)


def _against(twins: list) -> bool:  # type: ignore[type-arg]
    return float(twins[0].battery_power) * float(twins[1].battery_power) < 0


async def cars(bench: Bench) -> None:
    """The sun goes to cars by priority, in whole amperes, and nothing is bought for them."""
    modes = {name: {"charging": {"priority": 1 if name == "stable" else 2}} for name in FARM_CARS}
    place = farm(bench, load=800.0, changed=modes)
    shining(place, 0.0, "house", "cellar")
    full(place, "house", "cellar")
    shining(place, 0.97, "barn", "shed")
    plug(place, *FARM_CARS)
    judge = Judge(place)
    judge.start()
    bought = judge.bound("import", lambda: place.physics.grid_power, within=25.0, slack=250.0)
    place.start()
    await bench.sleep(60.0)
    bought.order(0.0, float(bench.env.now))
    await bench.sleep(180.0)
    power = {name: float(place.twins[name].power) for name in FARM_CARS}
    place.note(0.0)
    others = max(power[name] for name in FARM_CARS if name != "stable")
    bench.record.check("the first one is served first", power["stable"] >= max(others, 4000), "most", power)
    bench.record.check("two share what is there", sum(watts > 0 for watts in power.values()) >= 2, ">= 2 cars", power)
    place.twins["stable"].set("plugged", False)
    await bench.sleep(120.0)
    left = taken(place)
    bench.record.check("what it leaves goes to the others", left > 7000, "> 7 kW", left)
    judge.tell(bench.record, bench.start)
    await place.stop()


async def fast_path(bench: Bench) -> None:
    """From the edge of a contact to the setpoint on every generator's wire it takes a second at most."""
    place = farm(bench, load=500.0, changed=FAST)
    generators = ("barn", "shed", "house", "cellar")
    shining(place, 0.9, *generators)
    full(place, "house", "cellar")
    plug(place, *FARM_CARS)
    place.start()
    await bench.sleep(40.0)
    slowest: dict[str, float] = dict.fromkeys(generators, 0.0)
    for edge, pattern in enumerate(("1000", "0100", "0010", "0100", "1000", "0010", "1000", "0100")):
        await bench.sleep(7.0 + 0.137 * edge)
        begin = float(bench.env.now)
        before = {name: len(place.installations[name].main.writes) for name in generators}
        close(place, pattern)
        await bench.sleep(5.0)
        for name in generators:
            writes = [each.time for each in place.installations[name].main.writes[before[name] :] if each.time >= begin]
            slowest[name] = max(slowest[name], min(writes, default=begin + 5.0) - begin)
    for name, took in slowest.items():
        bench.record.check(f"{name}: from edge to wire", took <= DECLARED, f"<= {DECLARED:g} s", took)
    await place.stop()


async def any_house(bench: Bench) -> None:
    """Houses of listed devices, drawn: every signal is followed and no fuse overdrawn, whoever stands there."""
    for seed in SEEDS:
        await _one(bench, seed)


async def _one(bench: Bench, seed: int) -> None:
    random = Random(seed)
    house = stand(bench, drawn(seed), 600.0, {}, None, {"fuse": FUSE, "grid": {"section14a": {"receiver": "operator"}}})
    generators = [
        name for name, member in house.hem.members.items() if member.can("limit_power") and name in house.twins
    ]
    points = [name for name in house.twins if name.startswith("car")]
    judge, bounds = watched(house, *generators)
    if points:
        judge.fuse(FUSE, within(house, *points) + METER, excused=lambda: _paused(house, points))
    shining(house, 0.95, *generators)
    full(house, *(name for name in house.twins if name.startswith("battery")))
    plug(house, *points)
    house.start()
    await bench.sleep(60.0)
    label = f"house {seed}: {', '.join(str(device.row) for device in house.file.device[2:])}"
    for pattern, after in pairwise(("0000", *random.sample(("0100", "0010", "0001", "1000"), 4), "0000")):
        house.load(random.choice((200.0, 5000.0, 15_000.0)))
        close(house, after)
        limit(bench, house, bounds, float(STEPS.get(after, 100)))
        await bench.sleep(40.0 if pattern != "0001" else 80.0)
        house.note(None)
    others = [name for name in generators if house.hem.members[name].state != "online"]
    bench.record.check(f"{label}: all are online", not others, "all", others)
    judge.tell(bench.record, bench.start, label)
    for name, bound in bounds.items():
        offered = min(0.95 * float(house.twins[name].rated_power), bound.most)
        free = float(house.twins[name].power)
        bench.record.check(f"{label}: {name} is free again", free > 0.9 * offered, f"> {0.9 * offered:.0f} W", free)
    await house.stop()
    for line, _ in house.lines:
        getattr(line, "close", lambda: None)()


def _paused(house: House, points: list[str]) -> bool:
    """Whether all cars are paused: what is too much then is not theirs."""
    return all(float(house.twins[name].power) < 100 for name in points)

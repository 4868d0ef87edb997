"""Each rule of the grid operator and of the connection point in a whole house, judged by the one energy balance.

The reference house and the farm of `examples/` (`scenarios.bench.estates`), with the device under test in its place.
What flows is looked at each second; what is declared is the time in which a limit has to hold at the meter.
"""

from random import Random
from typing import Any

from scenarios.bench.around import House
from scenarios.bench.bench import Bench
from scenarios.bench.estates import farm, house
from scenarios.bench.judge import Judge
from scenarios.bench.staging import LEAST, close, full, limit, plug, shining, watched, within
from scenarios.stories.signals import _iso


async def steps(bench: Bench) -> None:
    """All steps of a receiver, for the inverter and the hybrid of the house: no more is fed, and no less."""
    home = house(bench, load=0.0)
    shining(home, 0.93, "roof", "battery")
    full(home, "battery")
    home.twins["rod"].set("water_temperature", 95.0)
    judge, bounds = watched(home, "roof", "battery")
    home.start()
    await bench.sleep(20.0)
    for pattern, percent in (("0100", 60), ("0010", 30), ("0001", 0), ("0010", 30), ("1000", 100), ("0001", 0)):
        close(home, pattern)
        limit(bench, home, bounds, percent)
        await bench.sleep(25.0)
        installed = sum(float(home.twins[name].rated_power) for name in bounds)
        fed = min(percent / 100, 0.93) * installed
        home.note(fed)
        bench.record.close(f"feed-in under {pattern}", -home.grid, fed, 0.02 * installed, "W")
    judge.tell(bench.record, bench.start)
    await home.stop()
    bench.record.check("a limit stays when the controller stops", -home.grid <= 100, "<= 100 W", -home.grid)


async def fnn(bench: Bench) -> None:
    """The farm's FNN receiver: W3, S2, S1 limit four generators, W4 dims seven controllable loads."""
    place = farm(bench, load=500.0, changed={name: {"charging": {"mode": "fast"}} for name in FARM_CARS})
    generators = ("barn", "shed", "house", "cellar")
    judge, bounds = watched(place, *generators)
    dimmed = judge.dimmed((*FARM_CARS, "house", "cellar", "rod"), within(place, *FARM_CARS, "house"))
    shining(place, 0.9, *generators)
    full(place, "house", "cellar")
    plug(place, *FARM_CARS)
    place.start()
    await bench.sleep(60.0)
    for pattern, percent in (("1000", 60), ("0100", 30), ("0010", 0), ("0000", 100)):
        close(place, pattern)
        limit(bench, place, bounds, percent)
        await bench.sleep(30.0)
    shining(place, 0.05, *generators)
    for name in ("house", "cellar"):
        place.twins[name].set("soc", 0.0)
    await bench.sleep(60.0)
    before = taken(place)
    close(place, "0001")
    dimmed.order(LEAST[7], float(bench.env.now))
    await bench.sleep(120.0)
    place.note(LEAST[7])
    bench.record.check("cars took more than they may before", before > LEAST[7], f"> {LEAST[7]} W", before)
    bench.record.check(
        "what is left is used", taken(place) > 0.75 * LEAST[7], f"> {0.75 * LEAST[7]:.0f} W", taken(place)
    )
    shining(place, 0.2, *generators)
    await bench.sleep(120.0)
    surplus = LEAST[7] + 0.1 * sum(float(place.twins[name].rated_power) for name in generators)
    bench.record.check("surplus comes on top", taken(place) > surplus, f"> {surplus:.0f} W", taken(place))
    close(place, "0000")
    dimmed.order(float("inf"), float(bench.env.now))
    shining(place, 0.05, *generators)
    await bench.sleep(150.0)
    bench.record.check("all is given back", taken(place) > 0.9 * before, f"> {0.9 * before:.0f} W", taken(place))
    judge.tell(bench.record, bench.start)
    await place.stop()


FARM_CARS = ("yard", "gate", "stable", "tower")


def taken(place: House) -> float:
    """W of all cars."""
    return sum(float(place.twins[name].power) for name in FARM_CARS)


async def guard(bench: Bench) -> None:
    """LPC and LPP by an energy guard: followed, expired, and the fail-safe two minutes after its last heartbeat."""
    grid = {"lpc": {"fail_safe_power": 4200}, "lpp": {"fail_safe_power": 1000}}
    home = house(bench, load=600.0, grid=grid, changed={"wallbox": {"charging": {"mode": "fast"}}})
    judge = Judge(home)
    judge.start()
    imported = judge.bound("import", lambda: home.physics.grid_power, within=within(home, "wallbox"), slack=100.0)
    exported = judge.export(within(home, "roof"), 150.0)
    shining(home, 0.0, "roof", "battery")
    home.twins["battery"].set("soc", 3.0)
    home.twins["battery"].soc_min = 3.0
    plug(home, "wallbox")
    home.start()
    await bench.sleep(30.0)
    imported.order(4200.0, float(bench.env.now))  # nobody has been heard: init
    home.plan.guard("LPP")
    home.plan.guard("LPP", 0.0, active=False)
    await bench.sleep(60.0)
    said = guarded(home, "LPC", 7000.0)
    imported.order(7000.0, float(bench.env.now))
    bench.record.check("the limit is taken", said == "", "ACK", said)
    await beating(bench, home, 90.0)
    home.note(7000.0)
    bench.record.check("it is used", home.grid > 5500, "> 5500 W", home.grid)
    bench.record.check("a negative limit is refused", guarded(home, "LPC", -5.0) != "", "NACK", "ACK")
    guarded(home, "LPC", 5000.0, seconds=60.0)
    imported.order(5000.0, float(bench.env.now))
    await beating(bench, home, 60.0)
    imported.order(float("inf"), float(bench.env.now))
    await beating(bench, home, 90.0)
    bench.record.check("it has expired", home.grid > 10_000, "> 10 kW", home.grid)
    await bench.sleep(118.0)
    bench.record.check("118 s after the last heartbeat nothing has changed", home.grid > 10_000, "> 10 kW", home.grid)
    await bench.sleep(3.0)
    imported.order(4200.0, float(bench.env.now))
    await bench.sleep(60.0)
    home.twins["wallbox"].set("plugged", False)
    shining(home, 0.9, "roof", "battery")
    full(home, "battery")
    await bench.sleep(30.0)
    exported.order(1000.0, float(bench.env.now))
    await bench.sleep(30.0)
    home.note(-1000.0)
    guarded(home, "LPP", -3000.0)
    exported.order(3000.0, float(bench.env.now))
    await beating(bench, home, 60.0)
    bench.record.close("feed-in under LPP", -home.grid, 3000.0, 250.0, "W")
    judge.tell(bench.record, bench.start)
    await home.stop()


def guarded(home: House, use: Any, watts: float, *, seconds: float | None = None) -> str:
    """The guard's heartbeat and its limit, as they come over the wire; why it was refused."""
    home.plan.guard(use)
    return home.plan.guard(use, watts, seconds=seconds)


async def beating(bench: Bench, home: House, seconds: float) -> None:
    """The guard lives for so long; its last heartbeat is at the end."""
    for _ in range(int(seconds // 30)):
        await bench.sleep(30.0)
        home.plan.guard("LPC")
        home.plan.guard("LPP")


async def sixty(bench: Bench) -> None:
    """60 % of the peak power as mean of each quarter-hour, with clouds that come and go."""
    home = house(bench, load=300.0, grid={"export_percent": 60}, changed={"roof": {"peak_power": 1.1 * bench.rating}})
    random, quarter = Random(4711), 900.0
    peak = 1.1 * bench.rating + 5400.0
    full(home, "battery")
    home.start()
    await bench.sleep(quarter - float(bench.env.now) % quarter)
    for number in range(3):
        before, cloudy = home.physics.balance().exported, number < 2
        end = float(bench.env.now) + quarter
        while (rest := end - float(bench.env.now)) > 1e-3:
            shining(home, random.choice((0.15, 0.95, 1.0)) if cloudy else 1.0, "roof", "battery")
            home.load(random.choice((200.0, 1500.0, 2600.0)) if cloudy else 300.0)
            await bench.sleep(min(random.uniform(8.0, 70.0), rest))
        home.physics.advance(float(bench.env.now))
        mean = (home.physics.balance().exported - before) / quarter * 3600
        home.note(-0.6 * peak)
        bench.record.check(f"mean of quarter {number + 1}", mean <= 0.6 * peak, f"<= {0.6 * peak:.0f} W", mean)
        if not cloudy:
            bench.record.check("little is lost", mean >= 0.96 * 0.6 * peak, f">= {0.96 * 0.6 * peak:.0f} W", mean)
    await home.stop()


async def nothing_out(bench: Bench) -> None:
    """Zero export: generators make what the house takes, whatever that is."""
    home = house(bench, load=2500.0, grid={"export_power": 0})
    shining(home, 1.0, "roof", "battery")
    full(home, "battery")
    home.twins["rod"].set("water_temperature", 95.0)
    judge = Judge(home)
    judge.start()
    exported = judge.export(within(home, "roof") + 5.0, 100.0)
    home.start()
    await bench.sleep(30.0)
    exported.order(0.0, float(bench.env.now))
    for load in (2500.0, 600.0, 6100.0, 90.0, 3000.0):
        home.load(load)
        await bench.sleep(60.0)
        home.note(0.0)
        bench.record.check(f"{load:.0f} W come from the roof", home.grid < 0.1 * load + 200, "little import", home.grid)
    judge.tell(bench.record, bench.start)
    await home.stop()


async def negative(bench: Bench) -> None:
    """Nothing is fed while the price is negative, and what the house takes is still its own."""
    begin = 900.0 * (float(bench.env.now) // 900)
    prices = [12.0, -0.01, -14.2, 3.0]
    slots = [
        {"start": _iso(begin + 900 * n), "end": _iso(begin + 900 * (n + 1)), "price": price}
        for n, price in enumerate(prices)
    ]
    bench.set(prices=slots)
    home = house(bench, load=1500.0, grid={"negative_prices": "no export"})
    shining(home, 0.9, "roof", "battery")
    full(home, "battery")
    home.twins["rod"].set("water_temperature", 95.0)
    judge = Judge(home)
    judge.start()
    exported = judge.export(within(home, "roof") + 5.0, 100.0)
    home.start()
    installed = float(home.twins["roof"].rated_power) + float(home.twins["battery"].rated_power)
    for n, price in enumerate(prices):
        await bench.sleep(max(begin + 900 * n - float(bench.env.now), 0.0))
        exported.order(0.0 if price < 0 else float("inf"), float(bench.env.now))
        await bench.sleep(120.0)
        home.note(0.0 if price < 0 else None)
        if price < 0:
            bench.record.check(f"at {price} ct/kWh the house uses its own", home.grid < 300, "< 300 W", home.grid)
        else:
            fed = 0.9 * installed - 1500.0
            bench.record.check(
                f"at {price} ct/kWh all is fed", -home.grid > 0.9 * fed, f"> {0.9 * fed:.0f} W", -home.grid
            )
    judge.tell(bench.record, bench.start)
    await home.stop()


async def unbalance(bench: Bench) -> None:
    """A car on one phase and the sun on another differ by no more than 4.6 kVA."""
    sun = {"name": "garage", "row": 2, "model": "SB 3.6-1AV-41", "phases": 1, "phase": 1}
    station: dict[str, Any] = {"charging": {"mode": "fast", "maximum_current": 32.0}, "phases": 1, "phase": 2}
    home = House(bench, sun, {"name": "grid", "row": 112, "function": "grid-meter"}, load=300.0, own=station)
    name = home.name
    judge = Judge(home)
    judge.start()
    most = judge.bound(
        "unbalance of what feeds and charges",
        lambda: float(home.twins["garage"].power) + float(home.twins[name].power),
        within=within(home, name), slack=60.0,
    )  # fmt: skip
    plug(home, name, phases=1)
    home.start()
    await bench.sleep(60.0)
    bench.record.check(
        "a car alone may have 20 A", float(home.twins[name].power) > 4300, "> 4.3 kW", home.twins[name].power
    )
    most.order(4600.0, float(bench.env.now))
    for share in (0.4, 0.95, 0.0):
        shining(home, share, "garage")
        await bench.sleep(60.0)
        home.note(None)
    judge.tell(bench.record, bench.start)
    await home.stop()

"""The controller is killed and started again, and its clock is set: what was asked holds, what was not is gone.

Between a kill and the next start nobody commands; what devices do then is their own. The new controller has the site
file, the store and the wires, nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from controller.store import Memory
from scenarios.bench.around import House
from scenarios.bench.bench import Bench
from scenarios.bench.estates import house
from scenarios.bench.judge import INFINITY, Judge
from scenarios.bench.staging import LEAST, close, plug, shining, within
from scenarios.stories.estate_rules import guarded

STARTS = 12.0  # s from a start until every device has been reached, read and put right
FREE = 100.0  # s until a limit that has ended has risen, and cars have begun again


@dataclass(frozen=True)
class Order:
    """Something that is asked of the house: how, how it ends, and whether it shows at the meter while it stands."""

    name: str
    give: Callable[[House], object]
    end: Callable[[House], object]
    stands: Callable[[House], bool]


def power(home: House, name: str, quantity: str = "power") -> float:
    home.physics.advance(float(home.bench.env.now))
    return float(getattr(home.twins[name], quantity))


def share(home: House, name: str) -> float:
    return power(home, name) / float(home.twins[name].rated_power)


ORDERS = (
    Order("30 %", lambda home: close(home, "0010"), lambda home: close(home, "0000"),
          lambda home: share(home, "roof") <= 0.315 and share(home, "battery") <= 0.315),
    Order("0 % and section 14a", lambda home: close(home, "0001"), lambda home: close(home, "0000"),
          lambda home: home.grid > 0 and share(home, "roof") <= 0.015 and power(home, "wallbox") <= LEAST[2]),
    Order("a battery that is charged by hand", lambda home: home.plan.ask("battery", "charge", 2500.0),
          lambda home: home.plan.ask("battery", "release"),
          lambda home: abs(power(home, "battery", "battery_power") + 2500.0) < 100),
    Order("a battery that is discharged by hand", lambda home: home.plan.ask("battery", "discharge", 1800.0),
          lambda home: home.plan.ask("battery", "release"),
          lambda home: abs(power(home, "battery", "battery_power") - 1800.0) < 100),
    Order("a car that is paused by hand", lambda home: home.plan.ask("wallbox", "pause"),
          lambda home: home.plan.ask("wallbox", "release"), lambda home: power(home, "wallbox") < 50),
)  # fmt: skip


def free(home: House) -> bool:
    """Whether nothing is limited, forced or paused."""
    return (
        share(home, "roof") > 0.88
        and abs(power(home, "battery", "battery_power")) < 0.3 * float(home.twins["battery"].rated_power)
        and power(home, "battery", "pv_power") > 0.55 * float(home.twins["battery"].rated_power)
        and power(home, "wallbox") > 10_000
    )


def sunny(bench: Bench, **more: Any) -> House:
    """The reference house in the sun, its battery half full and satisfied, a fast car, and a store on a disk."""
    grid = {"section14a": {"receiver": "operator"}, **more.pop("grid", {})}
    changed = {"wallbox": {"charging": {"mode": "fast"}}}
    home = house(bench, load=0.0, grid=grid, changed=changed, store=Memory(), **more)
    shining(home, 0.9, "roof")
    shining(home, 0.6, "battery")
    plug(home, "wallbox", amperes=16.0)
    home.twins["battery"].metered = False
    home.twins["battery"].set("soc", 50.0)
    home.twins["rod"].set("water_temperature", 95.0)
    return home


async def killed(bench: Bench) -> None:
    """Killed under each standing command, for two seconds and for a hundred, and the command ends meanwhile or not."""
    home = sunny(bench)
    home.start()
    await bench.sleep(60.0)
    bench.record.check("free before", free(home), True, free(home))
    for order in ORDERS:
        for away in (2.0, 100.0):
            order.give(home)
            await bench.sleep(30.0)
            bench.record.check(f"{order.name} stands", order.stands(home), True, shown(home))
            await gone(bench, home, away)
            await bench.sleep(STARTS + within(home, "wallbox"))
            home.note(None)
            bench.record.check(f"{order.name} stands after {away:g} s without", order.stands(home), True, shown(home))
            await gone(bench, home, away, order.end)
            took = await bench.eventually(lambda: free(home), FREE, 2.0)
            home.note(None)
            bench.record.check(f"{order.name} has ended, {away:g} s without", took is not None, "free", shown(home))
            order.end(home)
    await home.stop()


async def gone(bench: Bench, home: House, seconds: float, meanwhile: Callable[[House], object] | None = None) -> None:
    """No controller for so long. A wish that a user takes back he takes back of the new one."""
    home.kill()
    await bench.sleep(seconds / 2)
    if meanwhile is not None:
        meanwhile(home)
    await bench.sleep(seconds / 2)
    home.control()
    home.start()
    if meanwhile is not None:
        meanwhile(home)


def shown(home: House) -> dict[str, int]:
    found = {name: round(power(home, name)) for name in ("roof", "battery", "wallbox")}
    return {**found, "battery_power": round(power(home, "battery", "battery_power")), "grid": round(home.grid)}


async def clocks(bench: Bench) -> None:
    """The wall clock is put back and forth in the middle of every duration: none of them is longer or shorter."""
    home = sunny(bench, grid={"lpc": {"fail_safe_power": 4200}})
    judge = Judge(home)
    judge.start()
    imported = judge.bound("import", lambda: home.physics.grid_power, within=within(home, "wallbox") + 1, slack=100.0)
    operator = home.installations["operator"].main.operator
    guarded(home, "LPC", 30_000.0, seconds=None)
    home.start()
    await bench.sleep(60.0)
    for step in (-3600.0, 7200.0, -86_400.0 * 30, 86_400.0 * 29 + 3600.0):
        home.plan.guard("LPC")
        operator["break_input"]("k1")
        home.plan.ask("battery", "charge", 2500.0, 90.0)
        await bench.sleep(20.0)
        bench.clock.step(step)
        await bench.sleep(34.0)
        held = share(home, "roof")
        bench.record.check(f"{step:+.0f} s: unreadable for 54 s the last limit is held", held > 0.88, "> 88 %", held)
        await bench.sleep(20.0)
        held = share(home, "roof")
        bench.record.check(f"{step:+.0f} s: after 74 s the strictest counts", held < 0.02, "0 %", held)
        asked = power(home, "battery", "battery_power")
        bench.record.close(f"{step:+.0f} s: a wish for 90 s stands after 74 s", asked, -2500.0, 100.0, "W")
        operator["repair_input"]("k1")
        await bench.sleep(30.0)
        asked = power(home, "battery", "battery_power")
        bench.record.check(f"{step:+.0f} s: after 104 s it does not", abs(asked) < 100, "0 W", asked)
        await bench.sleep(10.0)
        home.note(None)
        car = power(home, "wallbox")
        bench.record.check(f"{step:+.0f} s: 114 s after a heartbeat it counts", car > 10_000, "11 kW", car)
        home.sun(0.0, "roof")
        await bench.sleep(8.0)
        imported.order(4200.0, float(bench.env.now))
        await bench.sleep(60.0)
        imported.order(INFINITY, float(bench.env.now))
        shining(home, 0.9, "roof")
        guarded(home, "LPC", 30_000.0)
        await bench.sleep(FREE)
    judge.tell(bench.record, bench.start)
    await home.stop()

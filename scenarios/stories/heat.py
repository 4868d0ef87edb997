"""Stories about heat: a pump's contacts stand still, a rod is told again in time, a CHP is left to its operator."""

from itertools import pairwise
from typing import Any

from controller.errors import NotControllable
from scenarios.bench.around import House, alone
from scenarios.bench.bench import Bench
from scenarios.bench.commands import commands, hold, ready, slack, slowness
from scenarios.bench.story import Story
from scenarios.kinds.kind import Kind

DWELL = 600.0  # s in a state, SG Ready
TRANSIENT = 1.0  # s that two relays may take to switch
LONGEST_LOCK = 7200.0  # s, SG Ready: two hours
ACROSS = {("raised", "forced", "locked"), ("locked", "forced", "raised")}  # through a start that nobody asked for
HOUR = 3600.0


async def dwell(bench: Bench) -> None:
    """Surplus that comes and goes every two minutes: the pump's contacts stand for ten minutes, whatever is wanted."""
    house = House(bench, {"name": "pv"}, "grid-meter", load=300.0)
    ready(bench)
    house.start()
    for turn in range(60):
        house.sun((8_000.0, 0.0, 4_500.0)[turn % 3] if turn < 45 else 8_000.0)
        await bench.sleep(120.0)
    passed = stood(bench)
    await house.stop()
    short = [(state, seconds) for state, seconds in passed if TRANSIENT < seconds < DWELL - 5.0 and state != "locked"]
    bench.record.check("each state stands for ten minutes", not short[:-1], "none shorter", short[:3])
    states = {state for state, _ in passed}
    bench.record.check(
        "the pump was asked for something", bool(states - {"normal"}), "raised or forced", sorted(states)
    )
    bench.record.figures["switched"] = float(len(passed))


async def no_third_state(bench: Bench) -> None:
    """From any state to any other: no start command and no lock is passed through that nobody has given."""
    ready(bench)
    house = alone(bench, **bench.kind.left_alone)
    house.start()
    for watts in (bench.rating, 0.0, 0.6 * bench.rating, 0.0, bench.rating, 0.6 * bench.rating):
        house.plan.ask(house.name, "set_power", watts)
        house.hem.hurry()
        await bench.sleep(1.5 * DWELL)
    found = stood(bench)
    await house.stop()
    fleeting = [(one, two, three) for one, two, three in triples(found) if two[1] <= TRANSIENT < one[1]]
    wrong = [(one[0], two[0], three[0]) for one, two, three in fleeting if (one[0], two[0], three[0]) in ACROSS]
    bench.record.check("nothing is passed through", not wrong, "none", wrong)
    states = {state for state, seconds in found if seconds > TRANSIENT}
    bench.record.check("it was locked, raised and started", len(states) == 4, "all four states", sorted(states))


def triples(found: list[tuple[str, float]]) -> list[tuple[tuple[str, float], tuple[str, float], tuple[str, float]]]:
    return list(zip(found, found[1:], found[2:], strict=False))


async def lock(bench: Bench) -> None:
    """Locked for three hours: nobody locks a heat pump for longer than two, and it may then run."""
    ready(bench)
    house = alone(bench, **bench.kind.left_alone)
    house.start()
    house.plan.ask(house.name, "set_power", 0.0)
    house.hem.hurry()
    await bench.sleep(3 * HOUR)
    longest = max((seconds for state, seconds in stood(bench) if state == "locked"), default=0.0)
    await house.stop()
    bench.record.check("the lock does not last", 0 < longest <= LONGEST_LOCK + 60.0, f"<= {LONGEST_LOCK:g} s", longest)


def stood(bench: Bench) -> list[tuple[str, float]]:
    """What stood at the contacts and for how many seconds, the last one up to now."""
    passed: list[tuple[float, str]] = [*getattr(bench.device.face, "passed", ()), (float(bench.env.now), "")]
    return [(state, after - since) for (since, state), (after, _) in pairwise(passed)]


async def told_again(bench: Bench) -> None:
    """An hour under one power: the rod never drops out between two messages, and is off as soon as they end."""
    await bench.identify()
    ready(bench)
    bench.twin.capacity = 50_000.0  # Wh/K: it does not get hot meanwhile
    command = commands(bench)[1]
    await command.give(bench)
    await bench.sleep(bench.driver.reaction)
    low = float("inf")
    for _ in range(120):
        await hold(bench, command.give, 29.7)
        low = min(low, float(bench.truth("power")))
        bench.note(command.power(bench))
    wanted = command.power(bench)
    bench.record.check("it never dropped out", low >= wanted - slack(bench), f">= {wanted:.0f} W", low)
    timeout = float(bench.facts.more["timeout"])
    await bench.sleep(timeout + 1.0)
    bench.record.close(f"{timeout:g} s after the last message", bench.truth("power"), 0.0, 1.0, "W")


def times_out(bench: Bench) -> str:
    return "" if "timeout" in bench.facts.more else "nothing is said of a time-out"


async def reset(bench: Bench) -> None:
    """External control is lost for good: values are read, set values refused with that reason, until somebody comes."""
    ready(bench)
    house = alone(bench)
    house.start()
    command = commands(bench)[1]
    house.plan.ask(house.name, command.method, command.value)
    house.hem.hurry()
    wanted = command.power(bench)

    def follows() -> bool:
        return abs(float(bench.truth("power")) - wanted) <= slack(bench)

    took = await bench.eventually(follows, 60.0 + 2 * slowness(bench))
    bench.record.check("it follows", took is not None, f"{wanted:.0f} W", bench.truth("power"))
    house.hem.stalled = True
    await bench.sleep(3 * float(bench.facts.more["life"]))
    house.hem.stalled = False
    await bench.sleep(300.0 + slowness(bench))
    name, free = bench.kind.resting(bench)
    bench.note(wanted)
    bench.record.close("it does as it likes", bench.truth(name), free, slack(bench), "W")
    member = house.member
    told = member.reading.get("power")
    bench.record.close("its values are read", told, bench.truth("power"), bench.tolerance("power", free), "W")
    answer = await bench.attempt(lambda: bench.driver.set_power(wanted))
    refused = isinstance(answer, NotControllable)
    bench.record.check("a set value is refused", refused, "NotControllable", answer)
    said = house.said("extern") + house.said("switch")
    bench.record.check(
        "the reason is said", bool(said), "external control is lost", [each.what for each in house.hem.log][-1:]
    )
    bench.device.operator["reset"]()
    bench.twin.changed()
    took = await bench.eventually(follows, 120.0 + 2 * slowness(bench))
    bench.record.check(
        "it follows again when somebody has been there", took is not None, f"{wanted:.0f} W", bench.truth("power")
    )
    await house.stop()


def latches(bench: Bench) -> str:
    return "" if "reset" in bench.device.operator else "nothing in it latches"


def section(*names: str) -> Any:
    """Kinds of these sections of the list."""

    def mine(kind: Kind) -> bool:
        return kind.section in names

    return mine


STORIES = (
    Story("dwell", "Are the pump's contacts left alone for ten minutes?", "Each start wears the compressor.",
          "what stood at the contacts, and for how long", dwell, kinds=section("heat-pump")),
    Story("no-third-state", "Does switching ask for nothing in between?", "Two relays never switch at once.",
          "what stood at the contacts", no_third_state, kinds=section("heat-pump")),
    Story("lock", "Does a lock end after two hours?", "People live there.",
          "what stood at the contacts, and for how long", lock, kinds=section("heat-pump")),
    Story("time-out", "Is the rod told again in time?", "Ten seconds without a message, and it is cold.",
          "the rod's power at every half minute of an hour", told_again, times_out, kinds=section("heating-rod")),
    Story("reset", "Is a CHP left alone that only its operator can give back?", "The list says so.",
          "power, values, the refusal and its reason", reset, latches, kinds=section("chp")),
)  # fmt: skip

"""Stories about a direct marketer, who asks: what counts of it and what does not, and who wins against the law."""

from functools import partial
from typing import Any

from controller.errors import DeviceError
from scenarios.bench.around import House, allowed, contacts
from scenarios.bench.bench import Bench
from scenarios.bench.story import Story
from scenarios.kinds.kind import Kind
from scenarios.stories.houses import limited, role
from scenarios.stories.signals import OPEN, SLACK, TABLE

WISHES = ("limit_percent", "limit_power", "battery_setpoint", "validity")
PROMPT = 1.5  # s from a message to its acknowledgement, with the look for it
LOOK = 7.0  # s within which the marketer has looked at the plant again
AGAIN = 15.0  # s within which a marketer who was not understood has said it again
SILENCE = 60.0  # s without a heartbeat after which he is not there any more
ODD: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("replay", (3,)), ("stale", (3,)), ("out_of_range", (1,)), ("wrong_role", ()), ("partial", ()),
    ("single_register", ()), ("wrong_unit", ()),
)  # fmt: skip
"""What a marketer with a broken system does, and the reject code that it gets where it gets no exception."""


READY, BY_OPERATOR, BY_MARKETER, FAULT = 0x01, 0x02, 0x04, 0x20  # plant state, as his profile has it
TENTH = 0.06  # what the share of charge is told in, and half of it
PLANT: tuple[dict[str, Any], ...] = (
    {
        "grid_power": -71_234.0, "pv_power": 83_456.0, "battery_power": -4_321.0, "soc": 73.4,
        "available_power": 91_876.0, "installed_power": 99_990.0, "effective_limit": None,
        "effective_setpoint": -3_217.0,
    },
    {
        "grid_power": 2_345.0, "pv_power": 671.0, "battery_power": 68_123.0, "soc": 21.7, "available_power": 717.0,
        "installed_power": 69_990.0, "effective_limit": 70_111.0, "effective_setpoint": 66_543.0,
        "limited_by": "grid operator",
    },
    {
        "grid_power": None, "pv_power": None, "battery_power": None, "soc": None, "available_power": None,
        "installed_power": None, "effective_limit": 4_321.0, "effective_setpoint": None,
        "limited_by": "direct marketer", "fault": True,
    },
)  # fmt: skip
"""What a house shows of itself, one state after another: charging and free, discharging and limited, and blind."""


async def asked(bench: Bench) -> None:
    """What the marketer asks for is what is read, acknowledged at once; what he does not ask for is absent."""
    await bench.identify()
    for turn in (0, 1):
        bench.set_telling(turn)
        await bench.sleep(PROMPT)
        reading = await bench.read()
        bench.compare(reading, f"in message {turn + 1}")
        twin = bench.twin
        bench.record.check("acknowledged in time", twin.acknowledged == twin.sequence, twin.sequence, twin.acknowledged)
    for wish in WISHES[:3]:
        bench.twin.set(wish, None)
    await bench.sleep(PROMPT)
    reading = await bench.read()
    for wish in WISHES[:3]:
        bench.record.check(f"{wish} is absent", reading.get(wish) is None, None, reading.get(wish))
    first = reading["heartbeat"]
    await bench.sleep(30.0)
    beat = (await bench.read())["heartbeat"]
    bench.record.check("the heartbeat is followed", beat != first, f"other than {first}", beat)


async def shown(bench: Bench) -> None:
    """What the house is and does is what the marketer reads, in his signs; what nobody knows is absent."""
    await bench.identify()
    for values, state in ((PLANT[0], READY), (PLANT[1], READY | BY_OPERATOR), (PLANT[2], READY | BY_MARKETER | FAULT)):
        bench.driver.show(values)
        await bench.sleep(LOOK)
        for name, value in values.items():
            if name in bench.twin.quantities:
                told = bench.truth(name)
                same = told is None if value is None else told is not None and abs(told - value) < TENTH
                bench.record.check(f"the marketer reads {name}", same, value, told)
        told = bench.truth("plant_state")
        bench.record.check("the marketer reads the plant's state", told == state, f"{state:#x}", told)


async def refused(bench: Bench) -> None:
    """Replays, old messages, values that there are not, halves of values and foreign units change nothing."""
    await bench.identify()
    bench.set_telling(0)
    await bench.sleep(PROMPT)
    wanted = wishes(bench)
    for action, codes in ODD:
        face: Any = bench.device.face
        refusals, unanswered = len(face.refusals), face.unanswered
        bench.device.operator[action]()
        bench.twin.changed()
        await bench.sleep(LOOK)
        found = await bench.attempt(bench.read)
        same = isinstance(found, dict) and {name: found.get(name) for name in WISHES} == wanted
        bench.record.check(f"what stands after {action}", same, wanted, found)
        told = bench.twin.rejected in codes if codes else len(face.refusals) > refusals or face.unanswered > unanswered
        answer = bench.twin.rejected if codes else face.refusals[refusals:]
        bench.record.check(f"{action} is answered with its reason", told, codes or "an exception, or silence", answer)
    await bench.sleep(AGAIN)
    bench.set_telling(1)
    await bench.sleep(PROMPT)
    bench.compare(await bench.read(), "when he asks as he should again")


def wishes(bench: Bench) -> dict[str, Any]:
    return {name: bench.truth(name) for name in WISHES}


async def broken(bench: Bench) -> None:
    """Whatever is broken about his bytes: what stands is what he asked for before, and what he asks for after it."""
    await bench.identify()
    for fault in sorted(bench.device.possible & CAN_ASK):
        bench.set_telling(0)
        await bench.sleep(AGAIN)
        before = wishes(bench)
        bench.device.begin(fault)
        bench.device.faults.shown.clear()
        bench.set_telling(1)
        now = wishes(bench)
        for _ in range(5):
            await bench.sleep(2.0)
            found = await bench.attempt(bench.read)
            stands = None if isinstance(found, DeviceError) else {name: found.get(name) for name in WISHES}
            bench.record.check(
                f"what stands under {fault}", stands in (None, before, now), "before, now or an error", found
            )
        shown = bool(bench.device.faults.shown)
        bench.record.check(f"{fault} showed", shown, "other bytes, or none", shown or "the fault never showed")
        bench.device.end(fault)
        bench.twin.changed()
        await bench.sleep(LOOK)
        took = await bench.eventually(lambda: bench.twin.acknowledged == bench.twin.sequence, AGAIN - LOOK)
        bench.record.check(f"understood again after {fault}", took is not None, f"within {AGAIN:g} s", took)
        bench.compare(await bench.read(), f"after {fault}")


CAN_ASK = frozenset({
    "half-open", "noise", "reset-mid-reply", "duplicate-reply", "short-count", "long-count", "odd-bytes",
    "wrong-function", "wrong-unit",
})  # fmt: skip


async def silent(bench: Bench) -> None:
    """A marketer who is not heard of, or whose heartbeat stands, is not there any more after a minute."""
    await bench.identify()
    bench.set_telling(0)
    await bench.sleep(PROMPT)
    wanted = wishes(bench)
    bench.device.operator["silence"]()
    await bench.sleep(SILENCE - 20.0)
    found = await bench.attempt(bench.read)
    same = isinstance(found, dict) and {name: found.get(name) for name in WISHES} == wanted
    bench.record.check("what stands before a minute is over", same, wanted, found)
    await bench.sleep(30.0)
    found = await bench.attempt(bench.read)
    gone = isinstance(found, DeviceError) or all(found.get(name) is None for name in WISHES[:3])
    bench.record.check("nothing counts when he has been silent for longer", gone, "an error or nothing asked", found)
    bench.device.operator["speak"]()
    bench.twin.changed()
    await bench.sleep(PROMPT)
    bench.compare(await bench.read(), "when he is back")


def plant(bench: Bench, **site: Any) -> tuple[House, str, float]:
    """One generator in full sun with a marketer and a receiver: house, name and rating of the generator."""
    alone = bench.kind.function in ("pv", "battery")
    receiver = {"name": "ripple", "patterns": TABLE}
    house = House(bench, receiver, "marketer", "grid-meter", *(() if alone else ("pv",)), load=0.0, **site)
    name = house.name if alone else "pv"
    rating = float(house.twins[name].rated_power)
    bench.set(soc=100.0)
    house.sun(0.93 * rating, name)
    return house, name, rating


async def both(bench: Bench) -> None:
    """A marketer's set value and a limit of the grid operator: the lower counts at the meter, whichever it is."""
    house, name, rating = plant(bench)
    trader = house.twins["marketer"]
    trader.set("limit_power", 2 * rating)
    house.start()
    reaction = float(house.hem.members[name].driver.reaction)
    await bench.sleep(20.0 + 2 * reaction)
    bench.record.close("feed-in when nobody limits", -house.grid, 0.93 * rating, 0.02 * rating, "W")
    for percent, pattern in (
        (70.0, OPEN),
        (70.0, (False, False, True, False)),
        (20.0, (False, True, False, False)),
        (20.0, OPEN),
    ):
        trader.set("limit_power", percent / 100 * rating)
        contacts(house, pattern)
        await bench.sleep(15.0 + 3 * reaction)
        limit = min(percent, allowed(pattern)) / 100 * rating
        house.note(limit)
        bench.record.close(
            f"feed-in under marketer {percent:g} % and contacts {allowed(pattern):g} %",
            -house.grid, limit, SLACK * rating, "W",
        )  # fmt: skip
    trader.set("limit_power", None)
    await bench.sleep(15.0 + 3 * reaction)
    bench.record.close("feed-in when both have let go", -house.grid, 0.93 * rating, 0.02 * rating, "W")
    reasons = house.said("direct marketer")
    bench.record.check("the marketer is named as the reason", bool(reasons), "> 0 events", len(reasons))
    await house.stop()


async def link_lost(bench: Bench) -> None:
    """A marketer falls silent: his last value is held as the site says, then the grid operator's alone counts."""
    hold = 120.0
    house, name, rating = plant(bench, grid={"marketer_hold": hold})
    trader, caller = house.twins["marketer"], house.installations["marketer"].main
    trader.set("limit_power", 0.3 * rating)
    trader.set("validity", 3600.0)
    contacts(house, (False, True, False, False))
    house.start()
    reaction = float(house.hem.members[name].driver.reaction)
    await bench.sleep(30.0 + 3 * reaction)
    bench.record.close("feed-in that he asks for", -house.grid, 0.3 * rating, SLACK * rating, "W")
    caller.operator["silence"]()
    await bench.sleep(hold - 30.0)
    bench.record.close("feed-in while his value is held", -house.grid, 0.3 * rating, SLACK * rating, "W")
    await bench.sleep(SILENCE + 60.0 + 3 * reaction)
    house.note(0.6 * rating)
    bench.record.close("then the grid operator's limit alone", -house.grid, 0.6 * rating, SLACK * rating, "W")
    caller.operator["speak"]()
    trader.changed()
    await bench.sleep(20.0 + 3 * reaction)
    bench.record.close("feed-in when he is back", -house.grid, 0.3 * rating, SLACK * rating, "W")
    await house.stop()


def asking(kind: Kind) -> bool:
    return kind.asks


def bound(bench: Bench) -> str:
    """Generators that can be limited, and who limits them."""
    return "" if bench.kind.asks else limited(bench)


_house = partial(Story, kinds=role("generator", "marketer"))
_asked = partial(Story, kinds=asking)

STORIES = (
    _asked("asked", "Is what the marketer asks for heard and acknowledged?", "He is paid for what his plants do.",
           "the marketer's own wishes, and the sequence that he reads back", asked),
    _asked("shown", "Does he see what the plant is and does?", "He sells what it can still make.",
           "what the marketer reads, in the house's signs", shown),
    _asked("refused", "Are replays, nonsense and foreigners refused?", "A line into the plant is a way in.",
           "what stands before and after; exceptions and reject codes", refused),
    _asked("broken", "Does a broken message count?", "Half a message is a wrong one.",
           "what he asked for before or asks for now, and the latter within 15 s", broken),
    _asked("silent", "Is a marketer who has gone noticed?", "A plant must not wait for ever.",
           "nothing asked after a minute without heartbeat", silent),
    _house("house/marketer", "Does the lower of the marketer's and the grid operator's limit count?",
           "A contract never loosens the law.", "feed-in at the grid connection", both, bound),
    Story("house/marketer-lost", "What when the marketer's line is lost?", "Hold, then let go, but never the law.",
          "feed-in at the grid connection", link_lost, kinds=role("marketer")),
)  # fmt: skip

"""Story of what stands elsewhere: the same device set, equipped or made otherwise, judged by the core of the others.

A family's file lists what real sites have, each entry the options that are changed together:

    alternatives = [{ battery = "yes" }, { battery = "yes", word_order = "big" }, { model = "SBS 6.0" }]

An entry may say more of how the device is then:

    model     another printed model                 rows     of which rows it speaks, where not of all
    lacks     quantities that it does not have, and that have to be absent
    tells     quantities that have to be told besides
    steps     { power = 100 }: what its registers can tell apart, where that is coarser than elsewhere
    restored  { 1602 = 600 }: raw values that registers hold after release, as the installer had set them
    rests     W that it takes or gives when nobody commands it
    person    what somebody at the device does before it can be commanded: "rfid"
    refuses   true: commands are refused by name and nothing moves
    idiom     "window": limits only, its own regulation moves within them
    without   stories that ask what it does not do
    registers what an installer has set: { 41193 = 2507 }, raw values by address
    holes     ranges of addresses where it has no register: [[30513, 30516]]
    mute      unit ids at which nobody answers
    untold    true: a driver of another row may take it for its own, for nothing that it tells says otherwise
    new       true: it calls itself as nobody has listed yet, and is taken with a note that says so
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from controller.errors import NotControllable, Refused
from scenarios.bench import commands, registers
from scenarios.bench.apart import fresh, tell
from scenarios.bench.bench import Bench
from scenarios.bench.record import Failed
from scenarios.bench.story import Story
from scenarios.stories import bounds, control, identity, neighbours, reading, silence

CORE = (
    "identify", "read", "neighbours", "states", "signs", "not-available", "follow", "neighbours-command", "release",
    "restarted", "curtail", "silence", "bounds", "neighbours-bounds",
)  # fmt: skip
COMMANDING = (
    "neighbours-command",
    "neighbours-bounds",
    "follow",
    "release",
    "restarted",
    "curtail",
    "silence",
    "bounds",
)
ABOUT = (
    "rows", "model", "lacks", "tells", "steps", "rests", "person", "refuses", "idiom", "without", "registers",
    "restored", "holes", "mute", "untold", "new",
)  # fmt: skip
JUDGING = (identity, reading, control, silence, bounds, neighbours)
LIKE = {
    "read": "neighbours",
    "follow": "neighbours-command",
    "bounds": "neighbours-bounds",
}  # what asks the same in other surroundings
TOLD = tuple(each for module in JUDGING for each in module.STORIES if each.id in CORE)


def entries(bench: Bench) -> list[dict[str, Any]]:
    """The alternatives that speak of this row and of something that its wire has."""
    listed = bench.profile.data.get("alternatives", ())
    mine = (each for each in listed if bench.row.row in each.get("rows", (bench.row.row,)))
    return [dict(each) for each in mine if "registers" not in each or "modbus" in bench.protocol]


def named(entry: dict[str, Any]) -> str:
    """An alternative in a line: `battery = yes, word_order = big`."""
    told = [name for name in entry if name not in ABOUT or name in ("model", "holes", "mute")]
    words = [f"{name} = {_word(entry[name])}" for name in told]
    return ", ".join([*words, *(f"{address} = {raw}" for address, raw in entry.get("registers", {}).items())])


def device(bench: Bench, entry: dict[str, Any]) -> Bench:
    """A fresh device as the entry has it."""
    options = {name: value for name, value in entry.items() if name not in ABOUT}
    other = fresh(bench, model=entry.get("model"), **options)
    other.lacks, other.rests = other.lacks | frozenset(entry.get("lacks", ())), entry.get("rests")
    other.tells = frozenset(entry.get("tells", ()))
    other.steps = {**other.steps, **entry.get("steps", {})}
    other.new = entry.get("new", False)
    other.person = entry.get("person", "")
    for address, raw in entry.get("registers", {}).items():
        if not registers.leave(other, int(address, 0), raw):
            raise Failed(f"{bench.profile.file}: nobody can set {address} to {raw}")
    for space in registers.spaces(other) if "holes" in entry else ():
        space.without(entry["holes"])
    for unit in entry.get("mute", ()):
        registers.units(other).pop(unit)
    return other


def stories(entry: dict[str, Any]) -> Iterator[Story]:
    """The core, with what commands come to here in place of following."""
    left_out = set(entry.get("without", ()))
    left_out |= {like for told, like in LIKE.items() if told in left_out}
    if entry.get("refuses"):
        left_out.update(COMMANDING)
        yield from (REFUSAL, AMONG)
    if entry.get("idiom") == "window":
        left_out.update(("follow", "neighbours-command", "neighbours-bounds", "release", "restarted", "silence"))
        yield WINDOW
    if entry.get("restored"):
        yield Story("restored", "", "", "", partial(restored, wanted=entry["restored"]), commands.controlled)
    yield from (each for each in TOLD if each.id not in left_out)


async def alternatives(bench: Bench) -> None:
    for entry in entries(bench):
        for told in stories(entry):
            if not told.offered(bench.row.row, bench.kind, bench.protocol):
                continue
            other = device(bench, entry)
            if not told.applies(other):
                await tell(bench, other, told.tell, f"{named(entry)}: {told.id}")
    bench.record.figures["alternatives"] = float(len(entries(bench)))


async def absent(bench: Bench) -> None:
    """What this device does not have is not there, and never 0."""
    await bench.identify()
    bench.set_telling(0)
    await bench.sleep(1.1)
    found = await bench.read()
    for quantity in sorted(bench.lacks):
        bench.record.check(f"{quantity} is absent", found.get(quantity) is None, None, found.get(quantity))


async def restored(bench: Bench, wanted: dict[str, float]) -> None:
    """What the installer has set is set again after the last command."""
    await bench.identify()
    commands.ready(bench)
    for command in commands.leaders(bench):
        await command.give(bench)
        await bench.sleep(bench.driver.reaction)
    await bench.driver.release()
    rows = [(space, row) for space in registers.spaces(bench) for row in space.rows if str(row.address) in wanted]
    for space, row in rows:
        raw, found = wanted[str(row.address)], space.value(row) / row.scale
        bench.record.check(f"{row.address} {row.name} is as it was set", round(found) == raw, raw, found)


async def refusal(bench: Bench) -> None:
    """Every command ends in an error that says so, and moves nothing."""
    await bench.identify()
    commands.ready(bench)
    await bench.sleep(1.1)
    for command in commands.commands(bench):
        before = float(bench.truth(command.quantity) or 0.0)
        answer = await bench.attempt(lambda command=command: command.give(bench))  # type: ignore[misc]
        said = isinstance(answer, NotControllable | Refused)
        bench.record.check(f"{command.name} is refused", said, "NotControllable or Refused", answer)
        await bench.sleep(bench.driver.reaction)
        found = bench.truth(command.quantity)
        bench.record.close(f"{command.quantity} after {command.name}", found, before, commands.slack(bench), "W")


async def window(bench: Bench) -> None:
    """Limits of both directions: the device's own regulation, which wants more, stays within them until release."""
    await bench.identify()
    commands.ready(bench)
    rating, twin = bench.rating, bench.twin
    for watts, demand, expected in (
        (0.3129, 2.0, 0.3129), (0.3129, -2.0, 0.0), (-0.2311, -2.0, -0.2311), (-0.2311, 2.0, 0.0), (0.97, 2.0, 0.97),
    ):  # fmt: skip
        twin.demand = demand * rating
        twin.let_go("battery_power")
        command = bench.driver.discharge if watts > 0 else bench.driver.charge
        await command(abs(watts) * rating)
        await bench.sleep(bench.driver.reaction)
        about = f"battery_power allowed {watts * rating:.0f} W, wanted {demand * rating:.0f} W"
        bench.record.close(about, bench.truth("battery_power"), expected * rating, commands.slack(bench), "W")
    await bench.driver.release()
    await bench.sleep(bench.driver.reaction)
    bench.record.close("battery_power after release", bench.truth("battery_power"), rating, commands.slack(bench), "W")


async def refusal_among_strangers(bench: Bench) -> None:
    await bench.identify()
    neighbours.among_strangers(bench)
    await refusal(bench)


AMONG = Story(
    "neighbours-refusal", "", "", "", refusal_among_strangers, commands.controlled, wires=reading.with_registers
)
REFUSAL = Story("refusal", "", "", "", refusal, commands.controlled)
WINDOW = Story("window", "", "", "", window, commands.controlled)
TOLD = (*TOLD, Story("absent", "", "", "", absent, lambda bench: "" if bench.lacks else "nothing is missing"))


def has_alternatives(bench: Bench) -> str:
    return "" if entries(bench) else "built and set in one way only"


def _word(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


STORIES = (
    Story("alternatives", "Does it also work as it is built or set elsewhere?",
          "Options, firmware and an installer's choice change maps and behaviour.",
          "the same judges as of the stories told again", alternatives, has_alternatives),
)  # fmt: skip

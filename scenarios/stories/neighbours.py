"""Stories of registers that stand beside the right ones: what the driver does not declare says something else.

In a healthy device much is alike: two temperatures, two ratings, a zero beside a zero, input registers that say the
same as holding registers. A driver that reads the wrong one of them is right by chance. Here it is not.
"""

from scenarios.bench.bench import Bench
from scenarios.bench.commands import arrived, controlled, kinds, ready, resting_of, slack
from scenarios.bench.record import NotApplicable
from scenarios.bench.registers import estranged
from scenarios.bench.story import Story, commanded
from scenarios.stories.bounds import bounds
from scenarios.stories.control import followed
from scenarios.stories.reading import fit_meter, has_states, states, with_registers, with_states
from scenarios.stories.required import required


async def neighbours(bench: Bench) -> None:
    fit_meter(bench)
    known = await bench.identify()
    among_strangers(bench)
    identity = await bench.identify()
    for what in ("manufacturer", "model", "serial", "firmware", "rated_power", "notes"):
        before, now = getattr(known, what), getattr(identity, what)
        bench.record.check(f"{what} among strangers", now == before, before, now)
    for turn in (0, 1):
        bench.set_telling(turn)
        fit_meter(bench, turn)
        await bench.sleep(1.1)
        reading = await bench.read()
        bench.compare(reading, f"among strangers in turn {turn + 1}")
        for quantity in required(bench):
            found = reading.get(quantity)
            bench.record.check(f"{quantity} among strangers is told", found is not None, "a value", found)
    if with_states(bench.kind) and not has_states(bench):
        await states(bench)


async def commanding(bench: Bench) -> None:
    await bench.identify()
    among_strangers(bench)
    await bench.identify()
    ready(bench)
    for group in kinds(bench):
        await followed(bench, group[0], first=False)
        await bench.driver.release()
        quantity, power = resting_of(bench, group[0])
        await arrived(bench, quantity, power)
        found = bench.truth(quantity)
        bench.record.close(f"{quantity} after release among strangers", found, power, slack(bench), "W")


async def bounding(bench: Bench) -> None:
    await bench.identify()
    among_strangers(bench)
    await bounds(bench)


def among_strangers(bench: Bench) -> None:
    """Change the neighbours, and give the device a driver that has not seen them before."""
    if not estranged(bench):
        raise NotApplicable("its driver declares every register that it has")
    bench.driver = bench.newcomer()


STORIES = (
    Story("neighbours", "Does it read where it says?",
          "Two registers that happen to say the same hide a wrong address.",
          "the twin's truth, while every register that the driver does not declare says something else", neighbours,
          wires=with_registers),
    Story("neighbours-command", "Does it command by what it says?",
          "A command that rests on a neighbouring register is right by chance.",
          "the twin's power, while every register that the driver does not declare says something else", commanding,
          controlled, kinds=commanded, wires=with_registers),
    Story("neighbours-bounds", "Does it know the envelope by what it says?",
          "A rating that is read beside the right one is no bound.",
          "the device's envelope, while every register that the driver does not declare says something else", bounding,
          controlled, kinds=commanded, wires=with_registers),
)  # fmt: skip

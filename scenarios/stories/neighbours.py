"""Stories of registers that stand beside the right ones: what the driver does not declare says something else.

In a healthy device much is alike: two temperatures, two ratings, a zero beside a zero, input registers that say the
same as holding registers. A driver that reads the wrong one of them is right by chance. Here it is not.
"""

from scenarios.bench.bench import Bench
from scenarios.bench.commands import controlled, kinds, ready
from scenarios.bench.record import NotApplicable
from scenarios.bench.registers import estranged
from scenarios.bench.story import Story, commanded
from scenarios.stories.control import followed
from scenarios.stories.reading import fit_meter, with_registers
from scenarios.stories.required import required


async def neighbours(bench: Bench) -> None:
    fit_meter(bench)
    known = await bench.identify()
    among_strangers(bench)
    identity = await bench.identify()
    for what in ("manufacturer", "model", "serial", "firmware", "rated_power"):
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


async def commanding(bench: Bench) -> None:
    await bench.identify()
    among_strangers(bench)
    await bench.identify()
    ready(bench)
    for number, group in enumerate(kinds(bench)):
        if number:
            await bench.driver.release()
            await bench.sleep(bench.driver.reaction)
        await followed(bench, group[0], first=False)


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
)  # fmt: skip

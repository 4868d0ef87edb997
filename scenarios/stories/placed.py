"""Stories that are safe on a real device, told of emulated ones too: they only ask, or command within the envelope.

`Story.real` says what each does to a device: `reads`, `commands`, `faults` on its line from outside. Nothing here knows
the truth of a device; who judges is the list, an instrument, the meter beside it, or the device against itself.
"""

from typing import Any

from controller.devices import Identity
from controller.errors import DeviceError
from scenarios.bench.record import NotApplicable
from scenarios.bench.story import Story, answering, commanded
from scenarios.bench.subject import Subject, attempt
from scenarios.kinds.truths import tolerance
from twin.possible import impossible

BUDGET, SERIAL_BUDGET = 1.5, 5.0  # s
LOOKS = 5
BACK = 30.0  # s within which a line that was broken has to be good again
PHASES = ("power_l1", "power_l2", "power_l3")
MEASURES = {
    "limit_power": ("power",), "charge": ("battery_power",), "discharge": ("battery_power",), "set_power": ("power",),
    "limit_current": ("current_l1", "current_l2", "current_l3"),
}  # fmt: skip


async def identify(subject: Subject) -> None:
    """The same device says the same, also to a driver that knows nothing of the first one."""
    first: Identity = await subject.driver.identify()
    again: Identity = await subject.driver.identify()
    subject.record.check("it is the same the second time", first == again, first, again)
    subject.record.check("it says who made it", bool(first.manufacturer), "a maker", first.manufacturer)


async def read(subject: Subject) -> None:
    """All that is demanded of its kind is delivered, and can be."""
    await subject.driver.identify()
    await subject.sleep(1.1)
    reading = dict(await subject.driver.read())
    for quantity in subject.kind.demanded:
        if not subject.exempt(quantity):
            subject.record.check(
                f"{quantity} is delivered", reading.get(quantity) is not None, "a value", reading.get(quantity)
            )
    for quantity, value in reading.items():
        if why := impossible(quantity, value):
            subject.record.check(f"{quantity} can be", False, "a value that can be", why)
    phases = [reading.get(name) for name in PHASES]
    whole = reading.get("power")
    if isinstance(whole, int | float) and all(isinstance(each, int | float) for each in phases):
        total = sum(float(each) for each in phases if isinstance(each, int | float))
        subject.record.close("the phases make the whole", total, float(whole), max(0.02 * abs(whole), 30.0), "W")


async def steady(subject: Subject) -> None:
    """Reading after reading comes in time, and nothing is written for it."""
    await subject.driver.identify()
    await subject.driver.read()
    written, began = subject.writes(), subject.monotonic()
    for _ in range(LOOKS):
        await subject.driver.read()
    spent = (subject.monotonic() - began) / LOOKS
    budget = SERIAL_BUDGET if subject.serial else BUDGET
    subject.record.check("seconds a reading", spent <= budget, f"<= {budget:g}", spent)
    subject.record.figures["seconds_per_reading"] = spent
    subject.record.check("nothing was written", subject.writes() == written, written, subject.writes())


async def instrument(subject: Subject) -> None:
    """What an instrument or the meter beside it shows is what it says."""
    told = subject.told()
    if not told and not subject.wired:
        raise NotApplicable("no instrument and no meter is beside it")
    await subject.driver.identify()
    reading = dict(await subject.driver.read())
    for quantity, true in told.items():
        if isinstance(true, bool) or not isinstance(true, int | float):
            subject.record.check(quantity, reading.get(quantity) == true, true, reading.get(quantity))
            continue
        subject.record.close(quantity, reading.get(quantity), float(true), tolerance(quantity, float(true)))
    if subject.wired:
        seen = await subject.measured("power")
        subject.record.close("power, as the meter has it", reading.get("power"), seen or 0.0, _near(seen or 0.0), "W")


async def follow(subject: Subject) -> None:
    """Each command within the envelope shows in what is measured, within twice the declared time."""
    await subject.driver.identify()
    given = 0
    for method, quantities in MEASURES.items():
        value = subject.allowed(method)
        if value is None:
            continue
        await subject.prepared()
        began = subject.monotonic()
        await getattr(subject.driver, method)(value)
        given += 1
        while not (well := await _follows(subject, method, quantities, value)):
            if subject.monotonic() - began > 2 * float(subject.driver.reaction):
                break
            await subject.sleep(0.5)
        seen = [await subject.measured(quantity) for quantity in quantities]
        subject.record.check(f"{method} {value:g} is followed", well, f"{_sign(method) * value:g}", seen)
    if not given:
        raise NotApplicable("no command is demanded of it, or the envelope has no room for one")
    await subject.freed()


async def _follows(subject: Subject, method: str, quantities: tuple[str, ...], value: float) -> bool:
    seen = [await subject.measured(quantity) for quantity in quantities]
    known = [each for each in seen if each is not None]
    if not known:
        return False
    if method == "limit_power":
        return known[0] <= value + _near(value)
    if method == "limit_current":
        return all(each <= value + 0.5 for each in known)
    return abs(known[0] - _sign(method) * value) <= _near(value)


def _sign(method: str) -> float:
    return -1.0 if method == "charge" else 1.0


def _near(value: float) -> float:
    return max(0.03 * abs(value), 75.0)


async def broken_line(subject: Subject) -> None:
    """Whatever the line does, the answer is a reading that can be or a typed error, and after it all is well."""
    if not subject.possible:
        raise NotApplicable("no proxy can be put on this wire")
    await subject.driver.identify()
    for fault in subject.possible:
        subject.begin(fault)
        answer = await attempt(subject.driver.read)
        subject.end(fault)
        subject.record.check(f"{fault}: a reading that can be, or a typed error", _sound(answer), "no nonsense", answer)
        began = subject.monotonic()
        while isinstance(answer := await attempt(subject.driver.read), DeviceError):
            subject.driver.lost()
            if subject.monotonic() - began > BACK:
                break
            await subject.sleep(0.5)
        well = not isinstance(answer, DeviceError) and _sound(answer)
        subject.record.check(f"{fault}: well again", well, f"within {BACK:g} s", answer)


def _sound(answer: Any) -> bool:
    if isinstance(answer, DeviceError):
        return True
    return not any(impossible(quantity, value) for quantity, value in answer.items())


PLACED: tuple[Story, ...] = (
    Story("device/identify", "Is it who it says it is, each time?", "What is written rests on it.",
          "the device against itself, the bench file", identify, kinds=answering, real="reads"),
    Story("device/read", "Is everything read, and can it be?", "A real device has firmware that no document knows.",
          "the kind's quantities, what physics allows, the sum of the phases", read, kinds=answering, real="reads"),
    Story("device/steady", "Does reading after reading come in time?", "A cycle is a second.",
          "1.5 s on a network, 5 s on a serial line, no write", steady, kinds=answering, real="reads"),
    Story("device/instrument", "Does it say what an instrument shows?", "A scale that is wrong is wrong everywhere.",
          "the bench file's truth, the meter wired to it", instrument, kinds=answering, real="reads"),
    Story("device/follow", "Is a command within the envelope followed?", "Registers prove nothing; power does.",
          "the meter beside it, or else its own measurement", follow, kinds=commanded, real="commands"),
    Story("device/broken-line", "Does it survive what its line does?", "Cables are pulled, switches restart.",
          "a typed error or a reading that can be; well again in 30 s", broken_line, kinds=answering, real="faults"),
)  # fmt: skip

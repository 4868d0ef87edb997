"""Stories that are safe on a real device, told of emulated ones too: they only ask, or command within the envelope.

`Story.real` says what each does to a device: `reads`, `commands`, `faults` on its line from outside. Nothing here knows
the truth of a device; who judges is the list, an instrument, the meter beside it, or the device against itself.
"""

from collections.abc import Mapping
from typing import Any

from controller.compatibility.rows import rows
from controller.devices import Identity
from controller.errors import DeviceError
from scenarios.bench.record import NotApplicable
from scenarios.bench.story import Story, answering
from scenarios.bench.subject import Subject, attempt
from scenarios.kinds.truths import tolerance
from twin.possible import impossible

BUDGET, SERIAL_BUDGET = 1.5, 5.0  # s
LOOKS = 5
COUNTS = 1.0  # s between two looks at counters
KEPT = 10.0  # s for which a command is seen to stand where a device keeps it
SILENT = "half-open"
VOLTAGE, PHASES_OF_A_CAR = 230.0, 3
LIMITS = ("power_limit", "current_limit")
BACK = 30.0  # s within which a line that was broken has to be good again
PHASES = ("power_l1", "power_l2", "power_l3")
MEASURES = {
    "limit_power": ("power",), "charge": ("battery_power",), "discharge": ("battery_power",), "set_power": ("power",),
    "limit_current": ("current_l1", "current_l2", "current_l3"),
}  # fmt: skip


async def identify(subject: Subject) -> None:
    """The same device says the same, also to a driver that knows nothing of the first one, and is of its row."""
    first: Identity = await subject.driver.identify()
    again: Identity = await subject.driver.identify()
    record, names = subject.record, {each.name for each in subject.row.variants}
    strangers = {each.name for row in rows() for each in row.variants} - names
    record.check("it is the same the second time", first == again, first, again)
    record.check("it says who made it", bool(first.manufacturer), "a maker", first.manufacturer)
    record.check("a model is named", bool(first.model), "a name", first.model)
    record.check("no model of another row is named", first.model not in strangers, sorted(names), first.model)


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


async def counters(subject: Subject) -> None:
    """No counter goes back."""
    await subject.driver.identify()
    before = dict(await subject.driver.read())
    await subject.sleep(COUNTS)
    after = dict(await subject.driver.read())
    for quantity, first in before.items():
        if quantity.endswith("energy") and quantity != "session_energy" and isinstance(first, int | float):
            last = after.get(quantity)
            held = isinstance(last, int | float) and last >= first
            subject.record.check(f"{quantity} after {COUNTS:g} s", held, f">= {first:g} Wh", last)
    if not subject.record.checks:
        raise NotApplicable("it tells no energy counter")


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
    await _given(subject)
    await subject.freed()


async def release(subject: Subject) -> None:
    """After release no limit is lower than it was before."""
    if not subject.whole:
        raise NotApplicable("a release lets flow more than the envelope allows")
    await subject.driver.identify()
    before = dict(await subject.driver.read())
    methods = await _given(subject)
    told = dict(await subject.driver.read())
    limits = {name: before.get(name) for name in LIMITS if isinstance(told.get(name), int | float)}
    if not limits:
        raise NotApplicable("it does not tell its limits")
    await subject.driver.release()
    began = subject.monotonic()
    while not (well := _free(after := dict(await subject.driver.read()), limits, told)):
        if subject.monotonic() - began > float(subject.driver.reaction):
            break
        await subject.sleep(0.5)
    seen = {name: after.get(name) for name in limits}
    subject.record.check(f"the limits after release from {' and '.join(methods)}", well, limits, seen)


def _free(after: Mapping[str, Any], before: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    """Whether each limit is at least what it was; where there was none, none or a higher one than was commanded."""
    for name, first in before.items():
        last = after.get(name)
        if first is None and (last is None or last > told[name]):
            continue
        if first is None or last is None or last < 0.99 * first:
            return False
    return True


async def silence(subject: Subject) -> None:
    """One command, and then the line is cut for longer than the device remembers.

    What it does meanwhile only a meter beside it tells: a device that is asked is not left alone any more.
    """
    told = subject.driver.when_silent
    seconds = told.seconds * 1.1 + 12.0 if told.seconds else KEPT
    if not subject.possible:
        raise NotApplicable("no proxy can be put on this wire")
    if seconds > subject.waits:
        raise NotApplicable(f"it would take {seconds:g} s, the bench file waits {subject.waits:g} s at most")
    if not subject.wired:
        raise NotApplicable("no meter is beside it")
    if told.state == "released" and not subject.whole:
        raise NotApplicable("a release lets flow more than the envelope allows")
    await subject.driver.identify()
    method = (await _given(subject, 1))[0]
    value = subject.allowed(method) or 0.0
    subject.begin(SILENT)
    await subject.sleep(seconds)
    power = abs(await subject.measured("power") or 0.0)
    subject.end(SILENT)
    subject.driver.lost()
    limit = dict(await subject.driver.read()).get("power_limit")
    factor = VOLTAGE * PHASES_OF_A_CAR if method == "limit_current" else 1.0
    what = f"{seconds:g} s of silence after {method} {value:g} ({told.state})"
    if told.state == "released":
        held = limit is None or (isinstance(limit, int | float) and limit > value + _near(value))
        subject.record.check(what, held, f"a limit above {value:g} W, or none", limit)
        return
    most = factor * {"keeps": value, "stops": 0.0, "fallback": float(told.fallback or 0.0)}[told.state]
    subject.record.check(what, power <= most + _near(most), f"<= {most:g} W", power)


async def _given(subject: Subject, most: int = 9) -> list[str]:
    """The commands that may be given here, each given and followed; NotApplicable for none."""
    given: list[str] = []
    for method, quantities in MEASURES.items():
        value = subject.allowed(method)
        if value is None or len(given) == most:
            continue
        await subject.prepared()
        await getattr(subject.driver, method)(value)
        began = subject.monotonic()
        while not (well := await _follows(subject, method, quantities, value)):
            if subject.monotonic() - began > 2 * float(subject.driver.reaction):
                break
            await subject.sleep(0.5)
        seen = [await subject.measured(quantity) for quantity in quantities]
        subject.record.check(f"{method} {value:g} is followed", well, f"{_sign(method) * value:g}", seen)
        given.append(method)
    if not given:
        raise NotApplicable("no command is demanded of it, or the envelope has no room for one")
    return given


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
    Story("device/steady", "Does reading after reading come in time?", "A cycle is a second.",
          "1.5 s on a network, 5 s on a serial line, no write", steady, kinds=answering, real="reads"),
    Story("device/instrument", "Does it say what an instrument shows?", "A scale that is wrong is wrong everywhere.",
          "the bench file's truth, the meter wired to it", instrument, kinds=answering, real="reads"),
    Story("device/broken-line", "Does it survive what its line does?", "Cables are pulled, switches restart.",
          "a typed error or a reading that can be; well again in 30 s", broken_line, kinds=answering, real="faults"),
)  # fmt: skip

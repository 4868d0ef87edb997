"""A visit: one device is read and given what is wanted of it. What goes wrong is the device's state, not the loop's.

One lost reply is no outage: what was read counts until it is too old. A device that stays away may have restarted, or
be another one when it comes back: what stands in it is then unknown.
"""

import traceback
from collections.abc import Awaitable, Mapping, Sequence
from typing import Protocol

from controller.counters import COUNTED, Counter
from controller.devices import Reading
from controller.errors import DeviceError, WrongDevice
from controller.members import NEVER, Member
from controller.run.commanding import Commanding, carry_out
from controller.run.readings import take

PATIENCE = (1.0, 1.0, 2.0, 5.0, 10.0)  # s between attempts at a device that fails
SILENT = 2  # failures in a row after which the device may have restarted: what stands in it is unknown
OFFLINE = 10.0  # s without an answer after which a device is said to be offline
STRANGE = 60.0  # s between looks at a device that is the wrong one, or whose driver is defect
DOUBTED = (
    10.0  # s between looks at one that was the right one: it may be in trouble, and refuse all that is asked of it
)
FORGOTTEN = 4  # failures in a row after which another device may stand there
SHARE = 0.01  # of a shared line that a dead device may take
MOST = 250_000.0  # W that a device of unknown rating can do at most
TOLD = 100  # things said once that are remembered of a device
BOOKS = 5.0  # s between two looks at the energy counters


class Loop(Commanding, Protocol):
    """What a visit needs of the controller. `asked`: who has been asked at all; `fresh`: something new was read.

    `shown`: what of the house a driver with `show` may show to who calls it.
    """

    begun: float
    asked: set[str]
    fresh: bool
    shown: Reading

    def hurry(self) -> None: ...


async def visit(hem: Loop, member: Member) -> None:
    """Read one device and give it its setpoint; a failure is its state, not ours."""
    begin = hem.clock.monotonic()
    if begin < member.retry_at:
        return
    try:
        if member.identity is None:
            member.identity = await member.driver.identify()
            member.forget()
            _rate(member)
        _take(hem, member, await member.driver.read())
    except WrongDevice as error:
        _reject(hem, member, error)
        return
    except DeviceError as error:
        _fail(hem, member, error, _patience(member, hem.clock.monotonic() - begin))
        return
    except Exception as defect:  # the boundary: other devices must not pay for a driver's mistake
        _defect(hem, member, defect)
        return
    finally:
        hem.asked.add(member.name)
    if member.standing:
        await bounded(hem, member, carry_out(hem, member))


def _patience(member: Member, cost: float) -> float:
    """s until a device that fails is asked again. One that stays away may cost its neighbours `SHARE` of their line."""
    patience = PATIENCE[min(member.failures, len(PATIENCE) - 1)]
    return max(patience, cost / SHARE) if member.neighbours and member.failures >= FORGOTTEN else patience


def _take(hem: Loop, member: Member, reading: Reading) -> None:
    """A reading has come: what it says that is new, and what there is to tell of it."""
    if hem.shown and hasattr(member.driver, "show"):
        member.driver.show(hem.shown)
    changed = take(member, reading, hem.clock.monotonic())
    member.failures, member.error = 0, _told(hem, member)
    if member.state != "online":
        member.state = "online"
        who = member.identity
        hem.note(member.name, f"online: {who.manufacturer} {who.model}" if who else "online")
    if changed:
        hem.fresh = True
        if member.function == "ripple":
            hem.hurry()
    if member.read_at - member.counted_at >= BOOKS:
        _count(hem, member)


def _told(hem: Loop, member: Member) -> str:
    """Say once what driver, identity and line have to tell the installer; why something cannot be read, if anything."""
    driver = member.driver
    problem: str = getattr(driver, "problem", "")
    notices: Sequence[str] = getattr(getattr(driver, "line", None), "notices", ())
    doubts: Mapping[str, str] = getattr(driver, "doubts", {})
    if problem or notices or doubts or (member.identity and member.identity.notes):
        found = [*(member.identity.notes if member.identity else ()), *notices, problem]
        found += [f"{quantity}: {why}" for quantity, why in doubts.items()]
        for what in found:
            if what and what not in member.told:
                member.told.add(what)
                hem.note(member.name, what)
    if len(member.told) > TOLD:
        member.told.clear()
    return problem


def _rate(member: Member) -> None:
    """What the device says of itself comes before what the list prints of its model, behind the installer."""
    told_of_itself = member.identity.rated_power if member.identity else None
    if member.rating_by != "installer" and told_of_itself:
        member.rated_power, member.rating_by = float(told_of_itself), "device"


def _count(hem: Loop, member: Member) -> None:
    """Keep the books of a device's energy counters; what they do wrong is worth an event."""
    member.counted_at = member.read_at
    for quantity in COUNTED:
        reading = member.reading.get(quantity)
        if isinstance(reading, int | float):
            if quantity not in member.counters:
                member.counters[quantity] = Counter(member.rated_power or MOST)
            counter = member.counters[quantity]
            counter.count(float(reading), member.read_at)
            if counter.note:
                hem.note(member.name, f"{quantity}: {counter.note}")


def _fail(hem: Loop, member: Member, error: DeviceError, patience: float) -> None:
    """No answer, or no proper one. One lost reply is none; a device that stays away is offline."""
    now = hem.clock.monotonic()
    member.failures, member.lost, member.error = member.failures + 1, member.lost + 1, str(error)
    member.retry_at = now + patience
    if member.failures >= SILENT or member.identity is None:
        member.driver.lost()
        member.forget()
    if member.failures >= FORGOTTEN:
        member.identity = None
    away = now - max(member.read_at, hem.begun if member.state == "waiting" else member.read_at)
    if member.state not in ("offline", "rejected") and (away >= OFFLINE or member.state == "waiting"):
        member.state = "offline"
        hem.note(member.name, f"offline: {error}")
    hem.fresh = True


def _reject(hem: Loop, member: Member, error: WrongDevice) -> None:
    """Another device than the row promises: it is neither read nor commanded, and looked at now and then."""
    if member.state != "rejected":
        hem.note(member.name, f"rejected: {error}")
    member.state, member.error, member.identity, member.reading = "rejected", str(error), None, {}
    member.retry_at = hem.clock.monotonic() + (STRANGE if member.read_at == NEVER else DOUBTED)
    member.driver.lost()
    member.forget()
    hem.fresh = True


def _defect(hem: Loop, member: Member, defect: Exception) -> None:
    """The driver raised what no driver may raise: said with its traceback, tried again with patience."""
    if member.state != "defect" or member.error != str(defect):
        hem.note(member.name, f"defect: {told(defect)}")
    member.state, member.error = "defect", str(defect)
    member.failures += 1
    member.retry_at = hem.clock.monotonic() + min(STRANGE, 5.0 * member.failures)
    member.forget()


async def bounded(hem: Loop, member: Member, work: Awaitable[object]) -> None:
    """Do it; what a driver may not raise makes the member defect and nothing else."""
    try:
        await work
    except Exception as defect:  # the boundary of `visit`, for commands and farewells
        _defect(hem, member, defect)


def told(defect: Exception) -> str:
    """The exception with the last places that it came through."""
    frames = traceback.extract_tb(defect.__traceback__)[-4:]
    places = " > ".join(f"{each.filename.rsplit('/', 1)[-1]}:{each.lineno}" for each in frames)
    return f"{type(defect).__name__}: {defect} ({places})"

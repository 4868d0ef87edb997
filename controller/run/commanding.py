"""Gives a device what is wanted of it: what differs, is due again, is not followed, or is unknown is put right.

A device has one release for all that it was told, so a release comes first and what is still wanted is given again
behind it, in the same visit. What fails leaves the aspect unknown and is tried again with patience; it never touches
what was read.
"""

from dataclasses import replace
from typing import Protocol

from controller.errors import DeviceError
from controller.log import Log
from controller.members import Member, Setpoint, Standing
from controller.ports import Clock
from controller.run.following import ignored
from controller.strategy.claims import Aspect

CONFIRM = (45.0, 600.0)  # s after a release at which it is given again: whether it was followed nobody can see
PARTING = (1.0, 2.0, 0.0)  # s after attempts at a farewell
AGAIN = (1.0, 2.0, 5.0, 10.0, 30.0)  # s between attempts at a command that fails


class Commanding(Protocol):
    """What commanding needs of the controller."""

    clock: Clock
    cycle: float
    stalled: bool
    log: Log
    wanted: dict[str, dict[Aspect, Setpoint]]

    @property
    def settled(self) -> bool:
        """Whether it was decided once every device had been asked, so that what is not wanted really is not."""
        ...

    def note(self, device: str, what: str) -> None: ...


async def carry_out(hem: Commanding, member: Member) -> None:
    """Bring what stands in a device to what is wanted of it."""
    if hem.stalled or not member.standing:
        return
    now = hem.clock.monotonic()
    wanted = hem.wanted.get(member.name, {})
    loose = unconfirmed = False
    for aspect, standing in member.standing.items():
        if aspect not in wanted:
            loose = loose or _loose(hem, standing, now)
            unconfirmed = unconfirmed or _unconfirmed(standing, now)
    if loose:
        await _release(hem, member, "nobody asks for anything" if not wanted else "not asked for any more")
    elif unconfirmed and "feed_in" not in wanted:  # it would lift a limit for a moment
        member.driver.lost()
        await _release(hem, member, "once more")
    if not wanted:
        return
    for aspect, standing in member.standing.items():
        setpoint = wanted.get(aspect)
        if setpoint is not None and member.can(setpoint.command) and _due(hem, member, standing, setpoint, now):
            await _give(hem, member, standing, setpoint)


def _loose(hem: Commanding, standing: Standing, now: float) -> bool:
    """Whether something stands, or may stand, that nobody wants."""
    return hem.settled and now >= standing.retry_at and not standing.free


def _unconfirmed(standing: Standing, now: float) -> bool:
    count = standing.confirmed
    return standing.free and count < len(CONFIRM) and now - standing.given_at >= CONFIRM[count]


def _due(hem: Commanding, member: Member, standing: Standing, setpoint: Setpoint, now: float) -> bool:
    if ignored(member, standing, now):
        hem.note(member.name, f"{setpoint.command} is not followed, arming again")
        member.driver.lost()
        return True
    if now < standing.retry_at:
        return False
    if not standing.known or setpoint.differs(standing.setpoint):
        return True
    refresh = member.driver.refresh
    return refresh is not None and now - standing.given_at >= refresh - hem.cycle


async def _give(hem: Commanding, member: Member, standing: Standing, setpoint: Setpoint) -> None:
    new = not standing.known or setpoint.differs(standing.setpoint)
    try:
        await give(member, setpoint)
    except DeviceError as error:
        _failed(hem, member, standing, setpoint.said, error)
        return
    standing.took(setpoint, hem.clock.monotonic())
    if new:
        hem.note(member.name, f"{setpoint.said} ({setpoint.reason})")


async def _release(hem: Commanding, member: Member, reason: str) -> None:
    try:
        await member.driver.release()
    except DeviceError as error:
        for standing in member.standing.values():
            _failed(hem, member, standing, "release", error)
        return
    now = hem.clock.monotonic()
    said = any(standing.setpoint is not None for standing in member.standing.values())
    for standing in member.standing.values():
        standing.took(None, now)
    if said:
        hem.note(member.name, f"release ({reason})")


def _failed(hem: Commanding, member: Member, standing: Standing, what: str, error: DeviceError) -> None:
    """Whether the device has taken it nobody knows."""
    standing.forget()
    member.driver.lost()
    standing.retry_at = hem.clock.monotonic() + AGAIN[min(standing.failures, len(AGAIN) - 1)]
    standing.failures += 1
    if standing.error != str(error):
        standing.error = str(error)
        hem.note(member.name, f"{what} failed: {error}")


async def farewell(hem: Commanding, member: Member) -> None:
    """Leave a device: what the grid operator asked for stays, the rest is released. Who cannot be reached is named."""
    if not member.standing or member.state == "rejected":
        return
    for pause in PARTING if member.state == "online" else PARTING[-1:]:
        try:
            await _leave(hem, member)
            return
        except DeviceError as error:
            told = str(error)
            member.driver.lost()
        await hem.clock.sleep(pause)
    hem.note(member.name, f"could not be left in order: {told}")


async def _leave(hem: Commanding, member: Member) -> None:
    """Release, and behind it what stays once more, since a device has one release for all."""
    wanted = hem.wanted.get(member.name, {})
    staying = {aspect: each for aspect, each in wanted.items() if each.stays is not None and member.can(each.command)}
    now = hem.clock.monotonic()
    if any(aspect not in staying and not each.free for aspect, each in member.standing.items()):
        await member.driver.release()
        hem.note(member.name, "released")
        for standing in member.standing.values():
            standing.took(None, now)
    for aspect, setpoint in staying.items():
        command, value = setpoint.stays or (setpoint.command, setpoint.value)
        left = replace(setpoint, command=command, value=value)
        await give(member, left)
        member.standing[aspect].took(left, now)
        hem.note(member.name, f"{left.said} stays ({left.reason}){_lets_go(member)}")


def _lets_go(member: Member) -> str:
    silent = member.driver.when_silent
    if silent.state == "keeps":
        return ""
    return f"; the device {silent.state} by itself after {silent.seconds or 0:g} s of silence"


async def give(member: Member, setpoint: Setpoint) -> None:
    """Call the driver's command."""
    command = getattr(member.driver, setpoint.command)
    if setpoint.value is None:
        await command()
    else:
        await command(setpoint.value)

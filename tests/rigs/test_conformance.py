"""One story for every device that has both an emulator and a driver, in virtual time and over real sockets and ptys:
the same readings, the same results of commands, the same truth afterwards, and the same bytes on the line.

The time of the story passes only when the driver or the story sleeps, so that nothing depends on how fast a rig is.
"""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from itertools import groupby
from typing import Any

import pytest

from controller.drivers.serving import claims
from controller.errors import HemError, LineTimeout
from controller.ports import HttpAnswer
from emulators.family.build import Installation, build
from emulators.family.profile import profiles
from emulators.wires.wire import Endpoint
from rigs.loopback import LoopbackRig
from rigs.simulated import START, SimulatedRig
from rigs.sites import asks

PACE = 0.02  # real devices are fifty times as fast here
PUSHED = ("sml", "speedwire")  # where a listener tunes in depends on when it came: no bytes to compare
BYTELESS = (*PUSHED, "contacts")
TELLING = {
    "power": 3210.5, "grid_power": -70123.0, "soc": 61.7, "import_energy": 70_123_456.7, "water_temperature": 48.3,
    "voltage_l1": 231.4, "k2": True, "plugged": True, "flow_temperature": 51.2, "heat_energy": 1_234_567.0,
}  # fmt: skip
COMMANDS = (
    ("limit_power", 1234.0), ("charge", 901.0), ("discharge", 1102.0), ("limit_current", 9.0), ("pause", None),
    ("set_power", 777.0), ("release", None),
)  # fmt: skip
BOTH = [
    pytest.param(row, protocol, id=f"{row}-{protocol}")
    for row, protocol in sorted(claims())
    if any(protocol in each.serves.get(row, ()) for each in profiles())
]


class StoryClock:
    """Time that passes only by sleeping."""

    def __init__(self, breath: Callable[[], Awaitable[None]]) -> None:
        self._now, self._breath = START, breath

    def now(self) -> float:
        return self._now

    monotonic = now

    def pass_by(self, seconds: float) -> None:
        self._now += seconds

    async def sleep(self, seconds: float) -> None:
        await self._breath()  # what is under way arrives before time passes
        self.pass_by(seconds)


class Listening:
    """Datagrams whose time-outs take the story's time. `haste` shortens the real waiting."""

    def __init__(self, line: Any, clock: StoryClock, haste: float) -> None:
        self._line, self._clock, self._haste = line, clock, haste
        self.send = line.send

    async def receive(self, timeout: float) -> bytes:
        try:
            return await self._line.receive(timeout if self._haste == 1 else max(timeout * self._haste, 0.05))
        except LineTimeout:
            self._clock.pass_by(timeout)
            raise


class Asking:
    """HTTP whose requests take a second of the story's time, so that a slow server is ready for the next one."""

    def __init__(self, line: Any, clock: StoryClock) -> None:
        self._line, self._clock = line, clock

    async def request(self, method: str, path: str, **what: Any) -> HttpAnswer:
        answer: HttpAnswer = await self._line.request(method, path, **what)
        self._clock.pass_by(1.0)
        return answer


def timed(line: Any, protocol: str, clock: StoryClock, haste: float) -> Any:
    """The line as the story uses it: where waiting for the device is part of the protocol, it takes time."""
    if protocol == "udp":
        return Listening(line, clock, haste)
    return Asking(line, clock) if protocol == "http" else line


@dataclasses.dataclass
class Outcome:
    """What a story left behind."""

    told: list[Any]
    writes: list[Any]
    truth: dict[str, Any]
    frames: list[tuple[str, bytes]]


def installed(row: int, protocol: str, clock: Callable[[], float]) -> Installation:
    """A device with telling values that lets everybody in at once."""
    installation = build(row, protocol, clock=clock)
    wire, twin = installation.wire, installation.main.twin
    if isinstance(wire, Endpoint):
        wire.rules = dataclasses.replace(wire.rules, quiet=0.0)
    for name, value in TELLING.items():
        if name in twin.quantities:
            twin.set(name, value)
    return installation


async def story(line: Any, clock: StoryClock, installation: Installation) -> list[Any]:
    """Look who is there, read, give every command, read after each."""
    main = installation.main
    driver: Any = claims()[main.row, main.protocol][0](line, clock, row=main.row, model=main.model)
    if hasattr(line, "connect_pause"):
        line.connect_pause = 0.0
    told = [await outcome(driver.identify), await outcome(driver.read)]
    for name, value in COMMANDS:
        command = getattr(driver, name, None)
        if callable(command):
            told.append((name, await outcome(command if value is None else lambda c=command, v=value: c(v))))
            await clock.sleep(1.5)
            told.append(await outcome(driver.read))
    return told


async def outcome(action: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return await action()
    except HemError as error:
        return type(error).__name__, str(error)


def gathered(told: list[Any], installation: Installation, frames: list[tuple[float, str, bytes]]) -> Outcome:
    if installation.protocol == "udp":  # what the device sends unasked comes when it comes
        frames = [each for each in frames if each[1] == ">" or b'"ID"' in each[2] or not each[2].startswith(b"{")]
    ways = groupby(frames, key=lambda each: each[1])
    joined = [(way, b"".join(data for _, _, data in group)) for way, group in ways]
    main = installation.main
    return Outcome(told, main.writes, main.twin.truth(), joined)


def simulated(row: int, protocol: str) -> Outcome:
    rig = SimulatedRig(record=True)
    clock = StoryClock(lambda: rig.clock.sleep(0.02))
    installation = installed(row, protocol, clock.now)
    line = rig.connect(installation)
    told = rig.tell(story(timed(line, protocol, clock, 1), clock, installation))
    return gathered(told, installation, rig.frames[0])


def loopback(row: int, protocol: str) -> Outcome:
    async def whole() -> Outcome:
        async with LoopbackRig(pace=PACE, record=True) as rig:
            clock = StoryClock(lambda: asyncio.sleep(0.02 * PACE))
            installation = installed(row, protocol, clock.now)
            line = await rig.connect(installation)
            told = await story(timed(line, protocol, clock, PACE), clock, installation)
            return gathered(told, installation, rig.frames[0])

    return asyncio.run(whole())


def counted(told):
    """The same without what counts with the time that really passed: it is compared to a whole 0.1 kWh and percent."""
    if isinstance(told, dict):
        return {name: coarse(name, value) for name, value in told.items()}
    return [counted(each) if isinstance(each, dict | list) else each for each in told]


def coarse(name, value):
    if isinstance(value, dict | list):
        return counted(value)
    if isinstance(value, float) and (name == "soc" or name.endswith("energy")):
        return round(value, 0 if name == "soc" else -2)
    return value


@pytest.mark.parametrize(("row", "protocol"), BOTH)
def test_a_story_is_the_same_on_both_rigs(row, protocol):
    virtual, real = simulated(row, protocol), loopback(row, protocol)
    assert counted(real.told) == counted(virtual.told)
    assert real.writes == virtual.writes
    assert counted(real.truth) == counted(virtual.truth)
    if protocol not in BYTELESS and not asks(row):  # whoever asks us has a clock of his own
        assert real.frames == virtual.frames
        assert len(real.frames) > 1


def test_the_rigs_are_compared_on_something():
    assert BOTH

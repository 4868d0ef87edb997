"""One story on several rigs: the same coroutine in virtual time and over real sockets and ptys."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from emulators.family.build import Installation, build
from emulators.family.profile import profile_for
from emulators.wires.device import Device
from rigs.loopback import LoopbackRig
from rigs.simulated import SimulatedRig

Story = Callable[..., Awaitable[Any]]
PATIENCE = 0.15  # s, time-out of real lines in tests
PACE = 0.1  # real devices in tests are ten times as fast


class Table:
    """What a story finds: the line, the device behind it, its clock, and a way to break the line off."""

    def __init__(
        self, line: Any, installation: Installation, clock: Any, start: Callable[[Any], Any], cut: Callable[[], Any],
        pace: float, patience: float,
    ) -> None:  # fmt: skip
        self.line, self.installation, self.clock, self.start, self._cut = line, installation, clock, start, cut
        self._pace, self._patience = pace, patience

    @property
    def device(self) -> Device:
        return self.installation.main

    def late(self, timeouts: float) -> float:
        """A delay of the device, in its own seconds, that lasts so many time-outs of the line."""
        return timeouts * self._patience / self._pace

    def cut(self) -> Any:
        """The device's end of the line goes away."""
        return self._cut()


class Simulated:
    name = "simulated"

    def tell(self, story: Story, **what: Any) -> Any:
        rig = SimulatedRig()
        line = rig.connect(meter(rig.clock.now, **what))
        installation = rig.installations[0]
        table = Table(line, installation, rig.clock, rig.start, installation.main.endpoint.drop_all, 1.0, 1.0)
        return rig.tell(story(table))


class Loopback:
    name = "loopback"

    def tell(self, story: Story, **what: Any) -> Any:
        async def whole() -> Any:
            async with LoopbackRig(pace=PACE, timeout=PATIENCE) as rig:
                line = await rig.connect(meter(rig.clock.now, **what))

                def cut() -> None:
                    rig.start(rig.served[0].close())

                table = Table(line, rig.installations[0], rig.clock, rig.start, cut, PACE, PATIENCE)
                return await story(table)

        return asyncio.run(whole())


def meter(clock: Callable[[], float], protocol: str = "modbus-rtu", row: int = 112) -> Installation:
    """A three-phase meter, or the serial device of another row, on either kind of Modbus line."""
    return build(row, protocol, clock=clock, profile=profile_for(row, "modbus-rtu"))


@pytest.fixture(params=[Simulated, Loopback], ids=lambda each: each.name)
def rig(request: pytest.FixtureRequest) -> Any:
    return request.param()

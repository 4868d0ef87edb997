"""The simulated rig: the controller's lines to emulated devices in virtual time.

`line_for` gives the line that an installation's protocol asks for; `SimulatedRig` holds the devices of a site with
their lines and starts one process for each.
"""

from collections.abc import Coroutine
from typing import Any

import simpy

from controller.errors import ConfigurationError
from controller.ports import Line
from emulators.family.build import Installation, Serial, build
from emulators.wires.wire import Endpoint, kind_of
from rigs.arrivals import Frames
from rigs.serial_settings import agree
from rigs.simulated_listening import SimulatedListening
from rigs.simulated_modbus import SimulatedModbus
from rigs.simulated_stream import SimulatedStream
from rigs.simulated_wires import SimulatedContacts, SimulatedDatagrams, SimulatedHttp, SimulatedListener
from rigs.virtual import START, Nap, SimClock, Turn, Wait, environment, run


def line_for(
    env: simpy.Environment, installation: Installation, *, serial: Serial | None = None, timeout: float | None = None,
    frames: Frames | None = None,
) -> Line:  # fmt: skip
    """The controller's end of a device's wire. `serial`: the controller's line settings, by default the device's.

    ConfigurationError when the two ends of a serial line are set differently.
    """
    wire, protocol = installation.wire, installation.protocol
    settings = installation.serial or Serial()
    if serial is not None and installation.serial is not None:
        agree(serial, installation.serial)
    if kind_of(wire, protocol, serial=False) == "calling":
        return SimulatedListening(env, wire, installation.main.twin, frames=frames)
    waits: dict[str, Any] = {} if timeout is None else {"timeout": timeout}
    if protocol in ("modbus-tcp", "modbus-rtu"):
        baud = settings.baud if protocol == "modbus-rtu" else 0
        line = SimulatedModbus(env, wire, baud=baud, bits=settings.bits, frames=frames, **waits)
        for each in installation.beyond:
            there = SimulatedModbus(env, each.wire, frames=frames, **waits)
            line.further[each.port - installation.port] = there
        return line
    if protocol in ("tcp", "sml", "udp") and isinstance(wire, Endpoint):
        baud = settings.baud if installation.serial else 0
        return SimulatedStream(env, wire, baud=baud, bits=settings.bits, frames=frames, **waits)
    if protocol == "sml":
        return SimulatedListener(env, wire, baud=settings.baud, bits=settings.bits, frames=frames)
    if protocol == "udp":
        return SimulatedDatagrams(env, wire, frames=frames)
    if protocol == "speedwire":
        return SimulatedDatagrams(env, wire, memory=4, frames=frames)
    if protocol == "http":
        return SimulatedHttp(env, wire, frames=frames, **waits)
    if protocol == "contacts":
        return SimulatedContacts(env, wire, installation.main.twin)
    raise ConfigurationError(f"no line for protocol {protocol!r}", key="protocol")


class SimulatedRig:
    """Devices of one site in virtual time. `frames` of the lines are recorded when `record` is set.

    `clock` is the controller's: when its wall clock is set (`SimClock.step`), the devices and the sun do not follow.
    """

    def __init__(self, start: float = START, record: bool = False) -> None:
        self.env = environment(start)
        self.clock = SimClock(self.env)
        self.installations: list[Installation] = []
        self.lines: list[Line] = []
        self.frames: list[Frames] = []
        self._record = record

    def emulate(self, row: int, protocol: str, **options: Any) -> Line:
        """Build a listed device and connect it; options as for `emulators.family.build.build`."""
        return self.connect(build(row, protocol, clock=self.clock.monotonic, **options))

    def connect(self, installation: Installation, serial: Serial | None = None) -> Line:
        """A line to a device that is there already."""
        frames: Frames = []
        line = line_for(self.env, installation, serial=serial, frames=frames if self._record else None)
        self.installations.append(installation)
        self.lines.append(line)
        self.frames.append(frames)
        return line

    def start(self, process: Coroutine[Any, Any, Any]) -> simpy.Process:
        """Let a coroutine run from now on: one for every line."""
        return self.env.process(process)  # type: ignore[arg-type]

    def run(self, until: float) -> None:
        """Let time pass until `until` (s, UTC)."""
        self.env.run(until)

    def tell(self, story: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end; its result, or its exception."""
        return run(self.env, story)


__all__ = [
    "START", "Nap", "SimClock", "SimulatedContacts", "SimulatedDatagrams", "SimulatedHttp", "SimulatedListener",
    "SimulatedListening", "SimulatedModbus", "SimulatedRig", "SimulatedStream", "Turn", "Wait", "agree", "environment",
    "line_for", "run",
]  # fmt: skip

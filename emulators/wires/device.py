"""One emulated device: its twin, the maker's face over it, what was written to it, what is broken about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulators.faults.known import Faults
from emulators.wires.wire import Endpoint
from twin.model import Model

KEPT = 50_000  # writes that are remembered
DROPPED = 5_000  # that are forgotten together when there are more


@dataclass(frozen=True, slots=True)
class Write:
    """Something that arrived on the wire to change the device. `wear`: flash, volatile or empty when not known."""

    time: float
    target: int | str  # register address, object id, command or path
    raw: Any
    value: Any
    wear: str = ""
    accepted: bool = True
    reason: str = ""


@dataclass
class Device:
    """`face` answers in the maker's words; `operator` are the things only a person at the device can do.

    `writes` are the newest ones; `forgotten` counts those before them.
    """

    row: int
    model: str
    protocol: str
    twin: Model
    face: object
    clock: Callable[[], float]
    unit: int = 0
    id: str = ""
    address: str = ""  # host:port, pty or group; the rig that serves it fills it in
    writes: list[Write] = field(default_factory=list)
    operator: Mapping[str, Callable[..., None]] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    beside: Mapping[str, Model] = field(default_factory=dict)  # twins of its own: a meter, a battery
    endpoint: Endpoint | None = None  # where its clients connect, None on wires without connections
    forgotten: int = 0
    points: "Sequence[Device]" = ()  # all charge points of the device that this is one of, itself too

    def __post_init__(self) -> None:
        self.id = self.id or f"{self.row}-{self.unit}"
        self.settle: Callable[[float], None] = self.twin.advance  # a site settles all its devices together

    def wake(self) -> float:
        """Bring the device to the present; returns the time."""
        now = self.clock()
        self.settle(now)
        return now

    def restart(self) -> None:
        """Power was away: the face forgets what it does not keep, with it those of the points beside."""
        for each in self.points or (self,):
            getattr(each.face, "reboot", lambda: None)()

    def log(
        self, target: int | str, raw: Any, value: Any, *, wear: str = "", accepted: bool = True, reason: str = ""
    ) -> None:
        self.writes.append(Write(self.clock(), target, raw, value, wear, accepted, reason))
        if len(self.writes) > KEPT:
            del self.writes[:DROPPED]
            self.forgotten += DROPPED

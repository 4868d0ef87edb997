"""One emulated device: its twin, the maker's face over it, what was written to it, what is broken about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulators.faults.known import CATALOGUE, Faults, UnfitFault, UnknownFault
from emulators.faults.possible import CONNECTIONS, ImpossibleFault
from emulators.table.answers import Refusal
from emulators.wires.wire import Endpoint
from twin.meter import ElectricityMeter
from twin.model import Model

KEPT = 50_000  # writes that are remembered: all of any story
SHARE = 10  # of which the oldest are forgotten together when there are more


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


@dataclass(frozen=True, slots=True)
class Touched:
    """A value that is written: what it was before anybody wrote it, what it is, and how it is given another."""

    first: Any
    now: Callable[[], Any]
    give: Callable[[Any], None]
    kept: bool


@dataclass
class Device:
    """`face` answers in the maker's words; `operator` are the things only a person at the device can do.

    `writes` are the newest ones, `kept` at most; `forgotten` counts those before them.
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
    meters: list[ElectricityMeter] = field(default_factory=list)  # what it counts at the grid connection
    endpoint: Endpoint | None = None  # where its clients connect, None on wires without connections
    forgotten: int = 0
    kept: int = KEPT
    points: "Sequence[Device]" = ()  # all charge points of the device that this is one of, itself too
    possible: frozenset[str] = frozenset()  # faults that it can have
    touched: "dict[str, Touched]" = field(default_factory=dict)  # what has been written, by target

    def __post_init__(self) -> None:
        self.id = self.id or f"{self.row}-{self.unit}"
        self.settle: Callable[[float], None] = self.twin.advance  # a site settles all its devices together
        self._fading: set[str] = set()  # targets whose values F20 is about to take away

    def joined(self) -> None:
        """The twin stands in a site, if in any: that brings all its devices to the present together."""
        site = self.twin.around
        if site is not None and self.settle == self.twin.advance:
            self.settle = site.advance  # what the twin would call, for every request

    def wake(self) -> float:
        """Bring the device to the present; returns the time."""
        now = self.clock()
        self.settle(now)
        return now

    def restart(self) -> None:
        """Power was away: the face forgets what it does not keep, with it those of the points beside."""
        for each in self.points or (self,):
            getattr(each.face, "reboot", lambda: None)()

    # what is broken about it

    def begin(self, fault: str, **parameters: Any) -> None:
        """Switch a fault on, with what it does at once; UnfitFault when there is none such or it cannot have it."""
        if fault in CATALOGUE and fault not in self.possible:
            raise ImpossibleFault(fault, self.id, self.possible)
        if "quantity" in parameters and not self._tells(str(parameters["quantity"])):
            known = ", ".join(sorted(self.twin.quantities))
            raise UnfitFault(f"{self.id} tells no quantity {parameters['quantity']!r}, it has {known}")
        self.wake()
        self.faults.on(fault, **parameters)
        if fault in CONNECTIONS | {"reboot"} and self.endpoint is not None:
            self.endpoint.drop_all()
        if fault == "reboot":
            self.restart()
        if fault == "enable-lost":
            for each in self.points or (self,):
                each._forget()
        self.twin.changed()
        if fault == "reboot" and (seconds := parameters.get("seconds")):
            self.twin.at("dark for a while", self.clock() + float(seconds), lambda: self.end("reboot"))

    def end(self, fault: str) -> None:
        """Switch a fault off; a device that was dark starts."""
        if fault not in CATALOGUE:
            raise UnknownFault(fault)
        dark = "reboot" in self.faults
        self.faults.off(fault)
        if dark and fault == "reboot":
            self.twin.cancel("dark for a while")
            self.wake()
            self.restart()
            self.twin.changed()

    def touch(self, target: str, now: Callable[[], Any], give: Callable[[Any], None], *, kept: bool = False) -> None:
        """Something is about to be written: what it is `now` is what F20 and F21 will `give` back the first of.

        `kept` values outlive a restart, and F21. What cannot be read is lost with all that the device forgets.
        """
        if target not in self.touched:
            self.touched[target] = Touched(now(), now, give, kept)
        if "write-reverted" not in self.faults or target in self._fading:
            return
        self._fading.add(target)
        at = self.clock() + float(self.faults.parameter("write-reverted", "seconds", 10.0))
        self.twin.at(f"{target} is lost", at, lambda: self._fade(target))

    def _fade(self, target: str) -> None:
        self._fading.discard(target)
        if "write-reverted" in self.faults:
            self._lose(self.touched[target])

    def _forget(self) -> None:
        for each in reversed(self.touched.values()):
            if not each.kept:
                self._lose(each)

    def _lose(self, value: "Touched") -> None:
        before = value.now()
        try:
            self.restart() if value.first is None else value.give(value.first)
        except Refusal:
            self.restart()
        self.twin.changed()
        self.faults.acted(value.first is None or value.now() != before)

    def _tells(self, quantity: str) -> bool:
        owner, dot, name = quantity.partition(".")
        if dot:
            return owner in self.beside and hasattr(self.beside[owner], name)
        return any(hasattr(each, quantity) for each in (self.face, *getattr(self.face, "parts", ()), self.twin))

    def log(
        self, target: int | str, raw: Any, value: Any, *, wear: str = "", accepted: bool = True, reason: str = ""
    ) -> None:
        self.writes.append(Write(self.clock(), target, raw, value, wear, accepted, reason))
        if len(self.writes) > self.kept:
            oldest = self.kept // SHARE
            del self.writes[:oldest]
            self.forgotten += oldest

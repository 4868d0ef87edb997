"""Reads the relays of a ripple-control receiver at the controller's own digital inputs.

The relays of a receiver do not switch at the same moment: between two commands none or two of them are closed. A new
combination counts when it has stood still for `SETTLE`. What a combination means is the installation's table, not ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.shared.declared import Declared
from controller.errors import WrongDevice
from controller.ports import Clock, Contacts

SETTLE = 0.5  # s that a combination has to stand; shorter closings are bounce
LOOK = 0.1  # s between two looks until it does
PATIENCE = 5.0  # s of chatter after which the last settled combination is told again

Closed = tuple[bool | None, ...]


@dataclass(frozen=True)
class Contact(Declared):
    """One input by its place; `inverted` where the relay opens to say yes."""

    index: int
    inverted: bool = False

    def closed(self, inputs: Closed) -> bool | None:
        """None when the input cannot be read or does not exist."""
        found = inputs[self.index] if self.index < len(inputs) else None
        return None if found is None else found != self.inverted


class RippleControlReceiver:
    """Up to four contacts K1 to K4. Source: the list's remark on row 143; settling as FNN receivers need it."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {143: ("contacts",)}
    kind: ClassVar[Kind] = "ripple-control-receiver"
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent()
    reaction: ClassVar[float] = SETTLE + 2 * LOOK

    k1 = Contact(0)
    k2 = Contact(1)
    k3 = Contact(2)
    k4 = Contact(3)

    def __init__(
        self, line: Contacts, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        self.line, self.clock, self.unit, self.row, self.model = line, clock, unit, row, model
        self._settled: Closed | None = None

    def lost(self) -> None:
        self._settled = None

    @property
    def problem(self) -> str:
        """Why an input cannot be read, empty when all can."""
        return self.line.problem

    async def wait(self, seconds: float) -> None:
        """Until a contact moves, `seconds` at most: a signal is not to wait for the next round."""
        await self.line.changed(seconds)

    async def identify(self) -> Identity:
        """Contacts tell nothing of who moves them; there has to be at least one."""
        if not await self.line.read():
            raise WrongDevice("no digital inputs", ["Rundsteuerempfänger"])
        return Identity("any", "Rundsteuerempfänger")

    async def read(self) -> Reading:
        inputs = await self._combination()
        return {contact.name: contact.closed(inputs) for contact in (self.k1, self.k2, self.k3, self.k4)}

    async def _combination(self) -> Closed:
        """The combination that stands; an input that cannot be read is told at once."""
        begin = since = self.clock.monotonic()
        seen = await self.line.read()
        while seen != self._settled:
            if None in seen:
                return seen
            await self.clock.sleep(LOOK)
            now, again = self.clock.monotonic(), await self.line.read()
            if again != seen:
                seen, since = again, now
            elif now - since >= SETTLE - 1e-6:
                self._settled = seen
            if now - begin > PATIENCE:
                return self._settled or (None,) * len(seen)
        return seen

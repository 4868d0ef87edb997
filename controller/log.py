"""What has happened: a bounded log of events, numbered so that whoever prints them can go on where he stopped."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import overload

LIMIT = 10_000  # events kept


@dataclass(frozen=True, slots=True)
class Event:
    """Something worth keeping: a setpoint given, a device lost or back. `time` (s UTC) may step, `monotonic` never."""

    time: float
    monotonic: float
    device: str
    what: str


class Log(Sequence[Event]):
    """The newest events, oldest first. Length, indices and slices are those of what is kept, `since` counts all."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._kept: deque[Event] = deque(maxlen=limit)
        self.total = 0  # events since the start, the dropped ones included

    @property
    def dropped(self) -> int:
        """How many events are no longer kept."""
        return self.total - len(self._kept)

    def append(self, time: float, monotonic: float, device: str, what: str) -> None:
        self._kept.append(Event(time, monotonic, device, what))
        self.total += 1

    def since(self, n: int) -> list[Event]:
        """The events after the first `n` of all; of those only what is still kept. `total` is the next `n`."""
        new = min(self.total - n, len(self._kept))
        if new <= 0:
            return []
        found = list(islice(reversed(self._kept), new))
        found.reverse()
        return found

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._kept)

    @overload
    def __getitem__(self, place: int) -> Event: ...

    @overload
    def __getitem__(self, place: slice) -> list[Event]: ...

    def __getitem__(self, place: int | slice) -> Event | list[Event]:
        if isinstance(place, slice):
            return list(self._kept)[place]
        return self._kept[place]

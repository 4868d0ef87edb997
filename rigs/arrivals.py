"""Bytes under way in virtual time: when they arrive, and who waits for those that nobody asked for."""

import heapq
from collections.abc import Callable, Iterator

import simpy

from controller.errors import LineTimeout
from emulators.wires.wire import DatagramStation, Out, PushStation
from rigs.pushes import ask
from rigs.virtual import Nap

Frames = list[tuple[float, str, bytes]]
SLICE = 128  # bytes that a serial driver hands over at a time
TICK = 1e-6  # s; finer than any delay, coarser than the resolution of a float that counts seconds since 1970


class Arrivals:
    """Bytes on their way, by the time they arrive."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, bytes, bool]] = []
        self._count = 0

    def put(self, at: float, data: bytes, closes: bool = False) -> None:
        self._count += 1
        heapq.heappush(self._heap, (at, self._count, data, closes))

    def lay(self, out: Out, start: float, character: float) -> float:
        """Bytes begin to flow at `start`, `character` s each or all at once; returns when the last one has arrived."""
        if not character:
            self.put(start, out.data, out.close)
            return start
        last = start
        for at in range(0, len(out.data), SLICE):
            part = out.data[at : at + SLICE]
            last = start + (at + len(part)) * character
            self.put(last, part)
        return last

    def pop(self, now: float) -> tuple[bytes, bool] | None:
        """The next that has arrived, with whether the peer closes after it."""
        if self._heap and self._heap[0][0] <= now + TICK:
            _, _, data, closes = heapq.heappop(self._heap)
            return data, closes
        return None

    def trim(self, now: float, memory: int) -> None:
        """Forget the oldest of what has arrived until at most `memory` bytes of it are left."""
        size = sum(len(data) for at, _, data, _ in self._heap if at <= now + TICK)
        while size > memory and (lost := self.pop(now)):
            size -= len(lost[0])

    @property
    def next(self) -> float:
        return self._heap[0][0] if self._heap else float("inf")

    def clear(self) -> None:
        self._heap.clear()

    def __len__(self) -> int:
        return len(self._heap)


class Unasked:
    """What a station sends of its own accord. Of a longer silence of ours only the last `horizon` s are looked at."""

    def __init__(self, station: DatagramStation | PushStation, now: float, horizon: float) -> None:
        self._station, self._horizon = station, horizon
        self._next = now  # when the station is asked next

    def until(self, now: float) -> Iterator[tuple[float, list[bytes]]]:
        """All that it has sent by now, with the time at which it began."""
        if self._next < now - self._horizon:
            self._next += int(now - self._horizon - self._next)
        while self._next <= now + TICK:
            at = self._next
            sent, self._next = ask(self._station, at)
            yield at, sent

    def again(self, now: float) -> None:
        """Something was said to the station: it may have more to tell."""
        self._next = min(self._next, now)

    async def receive(
        self, env: simpy.Environment, arrivals: Arrivals, timeout: float, catch_up: Callable[[float], None]
    ) -> bytes:
        """The next that arrives; `catch_up(now)` puts on its way what has been sent by now."""
        end = env.now + timeout
        catch_up(env.now)
        while (found := arrivals.pop(env.now)) is None:
            if env.now >= end - TICK:
                raise LineTimeout(f"nothing came in {timeout:g} s")
            await Nap(env).sleep(min(arrivals.next, self._next, end) - env.now)
            catch_up(env.now)
        return found[0]

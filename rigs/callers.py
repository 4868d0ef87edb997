"""Emulated devices that ask, on real sockets: they connect to the controller and try again and again."""

import asyncio
import contextlib
from collections.abc import Callable

from emulators.wires.calling import CallingStation
from twin.model import Model

LARGEST = 260  # bytes of an answer
LONGEST, SHORTEST = 0.5, 0.01  # s between two looks at a client that has nothing to ask


class CallingClient:
    """One device and its connection to `host`:`port`. `pace` stretches its patience and its pauses."""

    def __init__(
        self, station: CallingStation, twin: Model, clock: Callable[[], float], host: str, port: int, pace: float
    ) -> None:
        self._station, self._clock, self._pace = station, clock, pace
        self._where = host, port
        self._changed = asyncio.Event()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        twin.on_change(self._changed.set)
        self._task = asyncio.ensure_future(self._go())

    async def _go(self) -> None:
        station = self._station
        while True:
            wait = station.due(self._clock()) - self._clock()
            if wait > 0:
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(min(wait, LONGEST) * self._pace, SHORTEST)):
                        await self._changed.wait()
                continue
            out = station.call()
            reply = await self._exchange(out.data, station.patience)
            if out.close or not reply:
                await self._hang_up()
            station.heard(reply)

    async def _exchange(self, data: bytes, patience: float) -> bytes:
        """The answer, nothing when nobody is there or answers in time."""
        try:
            async with asyncio.timeout(max(patience * self._pace, 0.2)):
                if self._writer is None:
                    self._reader, self._writer = await asyncio.open_connection(*self._where)
                assert self._reader is not None
                self._writer.write(data)
                return await self._reader.read(LARGEST)
        except (TimeoutError, OSError):
            return b""

    async def _hang_up(self) -> None:
        writer, self._reader, self._writer = self._writer, None, None
        if writer is not None:
            writer.transport.abort()

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._hang_up()

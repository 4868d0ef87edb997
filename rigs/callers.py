"""Emulated devices that ask, on real sockets: they connect to the controller and try again and again."""

import asyncio
import contextlib
from collections.abc import Callable

from emulators.wires.calling import CallingStation
from rigs.patience import within
from twin.model import Model

LARGEST = 260  # bytes of an answer
LONGEST, SHORTEST = 0.5, 0.01  # s between two looks at a client that has nothing to ask
AGAIN = 1.0  # s between two attempts to connect


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
            if self._writer is None and not await self._connected(station.patience):
                await asyncio.sleep(max(AGAIN * self._pace, SHORTEST))
                continue
            out = station.call()
            reply = await self._exchange(out.data, station.patience)
            if out.close or not reply:
                await self._hang_up()
            station.heard(reply)

    async def _connected(self, patience: float) -> bool:
        """Whether somebody takes its connection."""
        try:
            connecting = asyncio.open_connection(*self._where)
            reader, writer = await within(max(patience * self._pace, 0.2), connecting, lambda made: made[1].close())
        except (TimeoutError, OSError):
            return False
        self._reader, self._writer = reader, writer
        return True

    async def _exchange(self, data: bytes, patience: float) -> bytes:
        """The answer, nothing when none comes in time."""
        if self._reader is None or self._writer is None:
            return b""
        try:
            async with asyncio.timeout(max(patience * self._pace, 0.2)):
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

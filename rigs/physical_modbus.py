"""A Modbus line in real time, on a TCP connection or a serial line, with the same checks as the simulated one."""

import asyncio

from controller.errors import Garbled, LineClosed, LineTimeout, Refused
from rigs import master
from rigs.channels import Channel, Pipe

Frames = list[tuple[float, str, bytes]]
IDLE = 0.05  # s after which a look is taken whether the peer has hung up meanwhile


class Modbus:
    """One exchange at a time on one channel. Connects when it has to, and again after anything that was no answer.

    `frames`, when given, collects (time, direction, bytes) of everything that crosses the line.
    """

    def __init__(self, channel: Channel, *, timeout: float = 1.0, frames: Frames | None = None) -> None:
        self._channel, self._timeout = channel, timeout
        self._serial = channel.character > 0
        self._gap = max(3.5 * channel.character, 0.00175) if self._serial else 0.0  # serial line V1.02, 2.5.1.1
        self._pipe: Pipe | None = None
        self._buffer = b""
        self._transaction = 0
        self._doubt = master.Doubt(timeout)
        self._lock = asyncio.Lock()
        self.connect_pause = 0.0
        self.frames = frames

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        return await self._exchange(master.read(unit, function, address, count), unit, address)

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        await self._exchange(master.write(unit, function, address, data), unit, address)

    def close(self) -> None:
        """Hang up; the next exchange connects again."""
        self._channel.close()
        self._pipe = None
        self._buffer = b""

    async def _exchange(self, exchange: master.Exchange, unit: int, address: int) -> bytes:
        async with self._lock:
            try:
                return await self._ask(exchange, unit, address)
            except asyncio.CancelledError:
                self._gave_up(exchange)
                raise

    async def _ask(self, exchange: master.Exchange, unit: int, address: int) -> bytes:
        loop = asyncio.get_running_loop()
        pipe = await self._ready(loop)
        if stale := pipe.take():
            self._note("<", stale)
            self._distrust()
            raise Garbled("bytes that nobody asked for", unit=unit, address=address, raw=stale)
        transaction = -1
        if self._serial:
            adu = exchange.rtu()
            if (pause := pipe.touched + self._gap - loop.time()) > 0:
                await asyncio.sleep(pause)
        else:
            self._transaction = transaction = self._transaction % 0xFFFF + 1
            adu = exchange.tcp(transaction)
        self._note(">", adu)
        self._buffer = b""
        end = loop.time() + self._timeout
        try:
            await self._channel.write(adu)
        except LineClosed:
            self.close()
            raise
        while True:
            await pipe.wait(end - loop.time())
            pipe.touched = loop.time()
            if pipe.received:
                data = pipe.take()
                self._note("<", data)
                self._buffer += data
                answer = self._take(exchange, transaction)
                if answer is not None:
                    return answer
            raw = self._buffer
            if pipe.closed:
                self.close()
                raise LineClosed("the peer closed the connection", unit=unit, address=address, raw=raw)
            if loop.time() >= end:
                self._gave_up(exchange)
                raise LineTimeout(f"no answer in {self._timeout:g} s", unit=unit, address=address, raw=raw)

    async def _ready(self, loop: asyncio.AbstractEventLoop) -> Pipe:
        """The open channel, a serial one after it has fallen quiet."""
        pipe = self._pipe
        if pipe is not None and loop.time() - pipe.touched > IDLE:
            await asyncio.sleep(0)  # twice: once to see what the socket has to say, once to be told
            await asyncio.sleep(0)
        if pipe is None or pipe.closed:
            pipe = self._pipe = await self._channel.open()
            if self.connect_pause:
                await asyncio.sleep(self.connect_pause)
        while (pause := self._doubt.quiet_until - loop.time()) > 0:
            await asyncio.sleep(pause)
            if late := pipe.take():
                self._note("<", late)
                self._doubt.disturbed(loop.time())
        return pipe

    def _take(self, exchange: master.Exchange, transaction: int) -> bytes | None:
        """The answer in the buffer, None while it is not whole."""
        try:
            if not self._serial:
                return exchange.take_tcp(transaction, self._buffer)
            return self._doubt.take(exchange, self._buffer, asyncio.get_running_loop().time())
        except Refused:
            raise
        except Garbled:
            self._distrust()
            raise

    def _distrust(self) -> None:
        """What may still come is no answer: drop the connection, let a serial line fall quiet."""
        if self._serial:
            self._doubt.disturbed(asyncio.get_running_loop().time())
        else:
            self.close()

    def _gave_up(self, exchange: master.Exchange) -> None:
        """The answer may still come, late."""
        if self._serial:
            self._doubt.timed_out(exchange, asyncio.get_running_loop().time())
        else:
            self.close()

    def _note(self, way: str, data: bytes) -> None:
        if self.frames is not None:
            self.frames.append((asyncio.get_running_loop().time(), way, data))

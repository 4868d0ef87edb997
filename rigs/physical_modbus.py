"""A Modbus line in real time, on a TCP connection or a serial line, with the same checks as the simulated one."""

import asyncio
import time

from controller.errors import ConfigurationError, Garbled, LineClosed, LineTimeout, Refused
from rigs import master
from rigs.channels import Channel, Pipe, WithPorts
from rigs.serial_answers import SerialAnswers, acknowledged
from rigs.tcp_answers import TcpAnswers

Frames = list[tuple[float, str, bytes]]
TICK = 0.001  # s to which asyncio rounds its timers up
IDLE = 0.05  # s after which a look is taken whether the peer has hung up meanwhile


class Modbus:
    """One exchange at a time on one channel. Connects when it has to, and again after anything that was no answer.

    `any_transaction`: a gateway on TCP puts transaction ids of its own. `frames`, when given, collects (time,
    direction, bytes) of everything that crosses the line.
    """

    def __init__(
        self, channel: Channel, *, timeout: float = 1.0, any_transaction: bool = False, frames: Frames | None = None
    ) -> None:
        self._channel, self._timeout, self._any_transaction = channel, timeout, any_transaction
        self._serial = channel.character > 0
        self._gap = master.silence(channel.character) if self._serial else 0.0
        self._pipe: Pipe | None = None
        self._answers = SerialAnswers(timeout) if self._serial else TcpAnswers(timeout, any_transaction)
        self._lock = asyncio.Lock()
        self.connect_pause = 0.0
        self.frames = frames
        self.further: dict[int, Modbus] = {}  # lines to the device's ports further on

    @property
    def notices(self) -> list[str]:
        """What is odd about the line, each thing once."""
        return self._answers.notices

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        return await self._exchange(master.read(unit, function, address, count))

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        exchange = master.write(unit, function, address, data)
        await acknowledged(self._exchange, exchange, lambda: self._answers.echoes)

    def beyond(self, ports: int) -> "Modbus":
        """The line to the same host, so many TCP ports further on."""
        here = self._channel
        if not isinstance(here, WithPorts):
            raise ConfigurationError("a serial line has no ports", key="line")
        if ports not in self.further:
            there = here.further(ports)
            self.further[ports] = Modbus(
                there, timeout=self._timeout, any_transaction=self._any_transaction, frames=self.frames
            )
        return self.further[ports]

    def close(self) -> None:
        """Hang up; the next exchange connects again."""
        self._channel.close()
        self._pipe = None

    async def _exchange(self, exchange: master.Exchange) -> bytes:
        async with self._lock:
            try:
                return await self._ask(exchange)
            except asyncio.CancelledError:
                self._answers.cancelled(exchange, asyncio.get_running_loop().time())
                self._drop()
                raise
            except Refused:
                raise
            except Garbled:
                self._drop()
                raise

    async def _ask(self, exchange: master.Exchange) -> bytes:
        loop, answers = asyncio.get_running_loop(), self._answers
        pipe = await self._ready(exchange, loop)
        if self._serial:
            await _until(pipe.touched + self._gap, loop)
        if stale := pipe.take():
            self._note("<", stale)
            answers.unasked(exchange, stale, loop.time())
            await asyncio.sleep(self._gap)
        adu = answers.begin(exchange)
        self._note(">", adu)
        end = loop.time() + self._timeout
        try:
            await self._channel.write(adu)
        except LineClosed:
            self.close()
            raise
        while True:
            await pipe.wait(end - loop.time())
            if pipe.received:
                data = pipe.take()
                self._note("<", data)
                answer = answers.heard(exchange, data, loop.time())
                if answer is not None:
                    return answer
            if pipe.closed:
                self.close()
                raise answers.closed(exchange, pipe.reason)
            if loop.time() >= end:
                try:
                    return answers.time_is_up(exchange, loop.time())
                except LineTimeout:
                    self._drop()
                    raise

    async def _ready(self, exchange: master.Exchange, loop: asyncio.AbstractEventLoop) -> Pipe:
        """The open channel, a serial one after it has fallen quiet."""
        pipe, answers = self._pipe, self._answers
        if pipe is not None and loop.time() - pipe.touched > IDLE:
            await asyncio.sleep(0)  # twice: once to see what the socket has to say, once to be told
            await asyncio.sleep(0)
        if pipe is None or pipe.closed:
            try:
                pipe = self._pipe = await self._channel.open()
            except (LineClosed, LineTimeout) as no:
                raise type(no)(no.what, unit=exchange.unit, address=exchange.address) from no
            answers.connected()
            if self.connect_pause:
                await asyncio.sleep(self.connect_pause)
        began = loop.time()
        while (pause := answers.quiet_until - loop.time()) > 0:
            await asyncio.sleep(pause)
            if late := pipe.take():
                self._note("<", late)
                answers.babbling(exchange, late, began, loop.time())
        return pipe

    def _drop(self) -> None:
        """What may still come on a TCP connection is no answer."""
        if not self._serial:
            self.close()

    def _note(self, way: str, data: bytes) -> None:
        if self.frames is not None:
            self.frames.append((asyncio.get_running_loop().time(), way, data))


async def _until(end: float, loop: asyncio.AbstractEventLoop) -> None:
    """Sleep to a tenth of a millisecond: asyncio's timers are late by up to one, as long as ten characters last."""
    if (rest := end - loop.time() - TICK) > 0:
        await asyncio.sleep(rest)
    while (rest := end - loop.time()) > 0:
        if rest > TICK / 5:  # less than that is what a short sleep is late itself
            time.sleep(TICK / 10)
        await asyncio.sleep(0)  # the loop turns in between

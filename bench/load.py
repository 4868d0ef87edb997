"""The load of (b), in a process of its own: python -m bench.load CONNECTIONS REGISTERS EACH HOST:PORT [HOST:PORT ...]

Each connection asks, waits for the whole answer and asks again, EACH times: bounded in count. Prints the seconds.
"""

import asyncio
import struct
import sys
import time


class Asker(asyncio.BufferedProtocol):
    """One connection with one request under way."""

    def __init__(self, registers: int, each: int, done: asyncio.Future[None]) -> None:
        self._request = struct.pack(">HHHBBHH", 1, 0, 6, 1, 3, 0, registers)
        self._whole, self._left, self._done = 9 + 2 * registers, each, done
        self._buffer, self._got = bytearray(4096), 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def ask(self) -> None:
        assert self._transport is not None
        self._transport.write(self._request)

    def get_buffer(self, sizehint: int) -> memoryview:
        return memoryview(self._buffer)

    def buffer_updated(self, nbytes: int) -> None:
        self._got += nbytes
        if self._got < self._whole:
            return
        self._got = 0
        self._left -= 1
        if self._left:
            self.ask()
        elif not self._done.done():
            self._done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError("the server hung up"))


async def load(connections: int, registers: int, each: int, places: list[tuple[str, int]]) -> float:
    loop = asyncio.get_running_loop()
    askers, ends = [], []
    for number in range(connections):
        host, port = places[number % len(places)]
        done: asyncio.Future[None] = loop.create_future()
        _, asker = await loop.create_connection(lambda done=done: Asker(registers, each, done), host, port)  # type: ignore[misc]
        askers.append(asker)
        ends.append(done)
    begin = time.perf_counter()
    for asker in askers:
        asker.ask()
    await asyncio.wait_for(asyncio.gather(*ends), 120)
    return time.perf_counter() - begin


if __name__ == "__main__":
    count, width, times = (int(text) for text in sys.argv[1:4])
    where = [(host, int(port)) for host, _, port in (place.rpartition(":") for place in sys.argv[4:])]
    print(asyncio.run(load(count, width, times, where)))

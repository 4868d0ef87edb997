"""Who is waited for: a process that was held up tells nobody that he did not answer."""

import asyncio
from collections.abc import Iterator

import pytest

from controller.errors import LineTimeout
from rigs.channels import TcpChannel
from rigs.patience import within

HELD_UP = 30.0  # s


class Clock:
    """The clock of a loop, which can be put on."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._time, self.ahead = loop.time, 0.0

    def time(self) -> float:
        return self._time() + self.ahead

    def hold_up(self) -> None:
        self.ahead += HELD_UP


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    found = asyncio.new_event_loop()
    yield found
    found.close()


def held_up(loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process stands still right after it has begun what comes next."""
    clock = Clock(loop)
    monkeypatch.setattr(loop, "time", clock.time)
    loop.call_soon(clock.hold_up)


def test_a_connection_that_stands_is_taken_after_a_halt_of_the_process(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def connected() -> None:
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
        channel = TcpChannel("127.0.0.1", server.sockets[0].getsockname()[1], timeout=2.0)
        held_up(loop, monkeypatch)
        await channel.open()
        channel.close()
        server.close()

    loop.run_until_complete(connected())


def test_who_does_not_answer_is_told_once_his_time_is_over(loop: asyncio.AbstractEventLoop) -> None:
    forever = loop.create_future()

    async def silent() -> None:
        await forever

    with pytest.raises(TimeoutError):
        loop.run_until_complete(within(0.01, silent(), lambda _: None))
    assert forever.cancelled()


def test_what_comes_in_the_turn_in_which_its_caller_is_cancelled_is_undone(loop: asyncio.AbstractEventLoop) -> None:
    waited_for, came, undone = asyncio.Event(), loop.create_future(), []

    async def connection() -> str:
        waited_for.set()
        await came
        return "connection"

    async def cancelled() -> None:
        caller = asyncio.ensure_future(within(60.0, connection(), undone.append))
        await waited_for.wait()
        came.set_result(None)
        await asyncio.sleep(0)  # the connection stands, its caller has not been told
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        assert caller.cancelled()

    loop.run_until_complete(cancelled())
    assert undone == ["connection"]


def test_nobody_takes_the_connection(loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object) -> None:
        await loop.create_future()

    monkeypatch.setattr(loop, "create_connection", never)
    with pytest.raises(LineTimeout, match=r"nobody answers the connection attempt at 127\.0\.0\.1:502"):
        loop.run_until_complete(TcpChannel("127.0.0.1", 502, timeout=0.01).open())

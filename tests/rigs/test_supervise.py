"""Processes in real time that die, hang and take their leave. All spans are a hundredth of those in a cellar."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from rigs.supervise import Process, supervise

PATIENCE, FAREWELL, LOOK = 0.3, 0.6, 0.02
Work = Callable[["Line"], Coroutine[Any, Any, None]]


class Line:
    """A process that moves while it works as `lives` says; one life after the other, the last one again and again."""

    def __init__(self, name: str, *lives: Work) -> None:
        self.name, self._lives = name, lives
        self.starts = self.alive = self.most_alive = 0
        self.moved = float("-inf")
        self.left = False

    @property
    def process(self) -> Process:
        return Process(self.name, self.run, lambda: self.moved)

    async def run(self) -> None:
        self.starts += 1
        self.alive += 1
        self.most_alive = max(self.alive, self.most_alive)
        try:
            await self._lives[min(self.starts, len(self._lives)) - 1](self)
        finally:
            self.alive -= 1


class Controller:
    """What all lines look at."""

    stopping = False


def told(*lines: Line, seconds: float) -> tuple[list[str], float]:
    """What is complained of while these lines run for a while, and s from the stop to the end."""
    Controller.stopping = False
    said: list[str] = []

    async def story() -> float:
        processes = [each.process for each in lines]
        stopping = lambda: Controller.stopping  # noqa: E731
        running = asyncio.ensure_future(
            supervise(processes, stopping, said.append, patience=PATIENCE, farewell=FAREWELL, look=LOOK)
        )
        await asyncio.sleep(seconds)
        assert not running.done()
        Controller.stopping, begin = True, time.monotonic()
        await running
        return time.monotonic() - begin

    return said, asyncio.run(story())


async def works(line: Line) -> None:
    while not Controller.stopping:
        line.moved = time.monotonic()
        await asyncio.sleep(0.01)
    line.left = True


async def dies(line: Line) -> None:
    line.moved = time.monotonic()
    raise ZeroDivisionError("power 0 W")


async def ends(line: Line) -> None: ...


async def hangs(line: Line) -> None:
    await asyncio.Event().wait()


async def works_and_hangs_at_the_end(line: Line) -> None:
    await works(line)
    line.left = False
    await asyncio.Event().wait()


async def clings(line: Line) -> None:
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        try:
            await asyncio.sleep(0.5)
        except asyncio.CancelledError:
            continue


def test_who_works_and_ends_in_order_is_not_spoken_of():
    line = Line("roof", works)
    said, seconds = told(line, seconds=0.5)
    assert (said, line.left, line.starts) == ([], True, 1)
    assert seconds < 0.2


def test_one_that_dies_is_named_with_its_traceback_and_started_anew_and_the_others_go_on():
    dying, other = Line("roof", dies, works), Line("grid", works)
    said, _ = told(dying, other, seconds=0.5)
    assert said[0].startswith("roof: died: Traceback")
    assert said[0].endswith("ZeroDivisionError: power 0 W")
    assert said[1:] == ["roof: started anew"]
    assert (dying.starts, dying.left, other.starts, other.left) == (2, True, 1, True)


def test_one_that_dies_again_and_again_is_started_ever_more_rarely():
    line = Line("roof", dies)
    told(line, seconds=0.6)
    assert 3 <= line.starts <= 7


def test_one_that_ends_without_being_told_is_started_anew():
    line = Line("decision", ends, works)
    said, _ = told(line, seconds=0.3)
    assert said == ["decision: has ended", "decision: started anew"]
    assert line.left


def test_one_that_does_not_move_is_started_anew_after_its_patience():
    line = Line("roof", hangs, works)
    said, _ = told(line, seconds=0.6)
    assert said == ["roof: has not moved for 0.3 s", "roof: started anew"]
    assert (line.starts, line.left) == (2, True)


def test_a_process_that_does_not_let_go_is_waited_for_and_never_doubled():
    line = Line("roof", clings, works)
    said, _ = told(line, seconds=0.9)
    assert said == ["roof: has not moved for 0.3 s", "roof: does not let go", "roof: started anew"]
    assert (line.most_alive, line.left) == (1, True)


def test_one_that_hangs_when_the_controller_stops_gets_a_second_try_at_its_farewell():
    line, other = Line("roof", hangs, works), Line("grid", works)
    said, seconds = told(line, other, seconds=0.1)
    assert said == ["roof: hangs", "roof: started anew"]
    assert (line.left, other.left) == (True, True)
    assert seconds < FAREWELL


def test_one_that_hangs_at_its_farewell_too_is_given_up_in_time_and_the_others_have_left():
    line, other = Line("roof", works_and_hangs_at_the_end), Line("grid", works)
    said, seconds = told(line, other, seconds=0.1)
    assert said == ["roof: hangs", "roof: started anew", "roof: hangs", "roof: there is no farewell to its devices"]
    assert (line.starts, other.left) == (2, True)
    assert seconds < FAREWELL + 0.3


def test_one_that_dies_at_its_farewell_tries_once_more():
    async def dies_leaving(line: Line) -> None:
        await works(line)
        raise OSError("no route to host")

    line = Line("roof", dies_leaving)
    said, _ = told(line, seconds=0.1)
    assert [each.splitlines()[-1] for each in said] == [
        "OSError: no route to host", "roof: started anew", "OSError: no route to host",
        "roof: there is no farewell to its devices",
    ]  # fmt: skip
    assert line.starts == 2

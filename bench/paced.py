"""A serial line with ten meters in a process of its own, as slow as its bit rate: python -m bench.paced BAUD

A pty hands over bytes at once, so the line is kept here: a request takes its characters, a silence follows, the answer
takes its characters and comes in pieces as a UART's FIFO hands them over. The meters answer at once. Prints the pty's
name, and when the other end has gone: the fraction of their time that all exchanges need at least, the median of that
over single exchanges, and the fraction of requests for which the line had been silent as long as it has to be.
"""

import contextlib
import os
import select
import sys
import time
import tty
from dataclasses import replace
from statistics import median
from typing import Any

from controller.sitefile import Site, check
from emulators.family.build import Installation
from emulators.wires.wire import Endpoint, Out, Session
from rigs.estate import Estate, settle
from rigs.master import silence

BITS = 10
FIFO = 14  # bytes at which a 16550 raises its hand
IDLE = 0.05  # s between two exchanges after which the line was not asked for


class Prompt:
    """Devices that answer as soon as they may."""

    def __init__(self, behind: Session) -> None:
        self._behind = behind

    def feed(self, data: bytes) -> list[Out]:
        return [out._replace(delay=0.0) for out in self._behind.feed(data)]


def site(baud: int) -> Site:
    """Ten three-phase meters on one line."""
    line = {"device": "/dev/bus", "baud": baud}
    return check(
        {"device": [{"name": f"meter {unit}", "row": 112, "unit": unit, "line": line} for unit in range(1, 11)]}
    )


def meters(baud: int, clock: Any) -> tuple[Estate, Installation]:
    """The meters, and their line, on which they answer at once."""
    estate = settle(site(baud), clock, days=1)
    ((line, _),) = estate.places
    behind = line.wire
    return estate, replace(line, wire=Endpoint(lambda: Prompt(behind.open()), behind.clock))


def least(asked: int, told: int, baud: int) -> float:
    """Seconds that a request and its answer of so many bytes take on the line, silences included."""
    character = BITS / baud
    return (asked + told) * character + 2 * silence(character)


def serve(fd: int, session: Session, baud: int) -> tuple[float, float, float]:
    """Answer until the other end has gone. That this process itself is woken late is not the other end's time."""
    character = BITS / baud
    gap = silence(character)
    hasty = 0
    spans: list[tuple[float, float]] = []  # what an exchange needs at least, and what it took
    free = float("-inf")  # when the last character of the last answer had gone
    while True:
        select.select([fd], [], [])
        begin = time.monotonic()
        try:
            asked = os.read(fd, 512)
        except OSError:
            shares = [due / took for due, took in spans]
            whole = sum(due for due, _ in spans) / sum(took for _, took in spans)
            return whole, median(shares), 1 - hasty / len(spans)
        hasty += begin - free < gap
        told = b"".join(out.data for out in session.feed(asked))
        if not told:
            continue
        sent = begin + len(asked) * character + gap
        for at in range(0, len(told), FIFO):
            piece = told[at : at + FIFO]
            time.sleep(max(sent + (at + len(piece)) * character - time.monotonic(), 0.0))
            said = time.monotonic()
            os.write(fd, piece)
        if begin - free < IDLE:
            due = least(len(asked), len(told), baud)
            spans.append((due, due + begin - free - gap))
        free = said


def main() -> None:
    baud = int(sys.argv[1])
    _, line = meters(baud, time.time)
    fd, theirs = os.openpty()
    tty.setraw(theirs)
    print(os.ttyname(theirs), flush=True)
    sys.stdin.readline()  # the other end has opened it
    os.close(theirs)
    with contextlib.suppress(BrokenPipeError):
        print(*serve(fd, line.wire.open(), baud), flush=True)


if __name__ == "__main__":
    main()

"""(i) The production tick: one controller in real time, 200 devices over TCP, and what a dead one costs the others.

A tick is what lies between the instant at which a device is due and its reading, over sockets, decisions in between.
The devices are emulated in a process of their own, python -m bench.tick: it says their ports, and lets the first
inverter die or come back at each line that it reads. They answer at once: what is measured is ours.
"""

import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median, quantiles
from typing import Any, Self

from bench.measure import Figure
from controller.hem import Hem
from controller.installation import controller
from controller.members import Member
from controller.sitefile import Site, check
from rigs import sites
from rigs.lasting import settled
from rigs.operate import processes
from rigs.physical import RealClock, hang_up
from rigs.supervise import supervise

HOST = "127.0.0.1"
KINDS: tuple[tuple[str, int, int, dict[str, Any]], ...] = (
    ("meter", 117, 1, {"function": "grid-meter"}),
    ("roof", 1, 119, {"model": "STP 8.0"}),
    ("battery", 53, 40, {}),
    ("wallbox", 65, 40, {}),
)  # fmt: skip
DEAD = "roof-1"


class Ticks:
    """Begin and end of each reading of every device but the one that dies, and what decisions took, in s."""

    def __init__(self, hem: Hem) -> None:
        self._hem = hem
        self._rounds: dict[str, list[tuple[float, float]]] = {}
        self.decisions: list[float] = []

    def __enter__(self) -> Self:
        for member in self._hem.members.values():
            if member.name != DEAD:
                self._watch(member)
        decide = type(self._hem).decide

        def decided() -> None:
            begin = time.perf_counter()
            decide(self._hem)
            self.decisions.append(time.perf_counter() - begin)

        vars(self._hem)["decide"] = decided
        return self

    def _watch(self, member: Member) -> None:
        read, rounds = type(member.driver).read, self._rounds.setdefault(member.name, [])

        async def timed() -> Any:
            begin = time.monotonic()
            reading = await read(member.driver)
            rounds.append((begin, time.monotonic()))
            return reading

        vars(member.driver)["read"] = timed

    def __exit__(self, *_: object) -> None:
        del vars(self._hem)["decide"]
        for name in self._rounds:
            del vars(self._hem.members[name].driver)["read"]

    def taken(self) -> list[float]:
        """s from due to read. A device is due once a cycle, at the instant of which no reading was early."""
        found, cycle = [], self._hem.cycle
        for rounds in self._rounds.values():
            late = [(begin - rounds[0][0] + cycle / 2) % cycle - cycle / 2 for begin, _ in rounds]
            found += [each - min(late) + end - begin for each, (begin, end) in zip(late, rounds, strict=True)]
        return found


def devices(ports: list[int]) -> Site:
    """The site, each device at its port."""
    names = [(f"{kind}-{number}", row, keys) for kind, row, count, keys in KINDS for number in range(1, count + 1)]
    return check({
        "site": {"fuse": 2000.0},
        "device": [
            {"name": name, "row": row, "protocol": "modbus-tcp", "line": {"host": HOST, "port": port}, **keys}
            for (name, row, keys), port in zip(names, ports, strict=True)
        ],
    })  # fmt: skip


@asynccontextmanager
async def controlled() -> AsyncIterator[tuple[Site, Hem, asyncio.subprocess.Process]]:
    """Site and controller of the devices, and the process in which those stand."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.tick", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None
    site = devices([int(port) for port in (await process.stdout.readline()).split()])
    lines = sites.lines(site)
    hem = controller(site, lines, RealClock())
    settled()
    running = asyncio.ensure_future(supervise(processes(hem), lambda: hem.stopping, print))
    yield site, hem, process
    hem.stop()
    await running
    for line, _ in lines:
        await hang_up(line)
    process.stdin.close()
    await process.wait()


async def run(span: float, settle: float, rounds: int) -> tuple[list[Ticks], list[Ticks]]:
    """What was measured in `rounds` spans of `span` s in which all were alive, and in those after each with one dead.

    `settle`: s until every device is known, or one is known to be dead.
    """
    found = []
    async with controlled() as (_, hem, process):
        assert process.stdin is not None
        for _ in range(2 * rounds):
            await asyncio.sleep(settle)
            with Ticks(hem) as ticks:
                await asyncio.sleep(span)
            found.append(ticks)
            process.stdin.write(b"\n")
    return found[::2], found[1::2]


def ticks(span: float, settle: float, rounds: int) -> list[Figure]:
    """Medians over spans, told in turn; a percentile of a span stands on some thousand ticks."""
    alive, dead = asyncio.run(run(span, settle, rounds))
    worse = [hundredth(other.taken()) / hundredth(each.taken()) for each, other in zip(alive, dead, strict=True)]
    return [
        Figure(
            "tick of 200 TCP devices, due to read, median", 1000 * median(median(each.taken()) for each in alive), "ms"
        ),
        Figure(
            "tick of 200 TCP devices, due to read, p99",
            1000 * median(hundredth(each.taken()) for each in alive),
            "ms",
            "<= 50",
        ),
        Figure("one of them dead: the others' p99 / p99 before", median(worse), "x", "< 1.1"),
        Figure("decision of 200 devices, longest", 1000 * median(max(each.decisions) for each in alive), "ms"),
    ]


def hundredth(values: list[float]) -> float:
    """What 99 of 100 do not exceed."""
    return quantiles(values, n=100)[98]


async def stand() -> None:
    """The emulators' process."""
    built = [build(row, "modbus-tcp", clock=time.time) for _, row, count, _ in KINDS for _ in range(count)]
    served = [await serve(each, HOST, 0, pace=0.0) for each in built]
    print(*(each.port for each in served), flush=True)
    weather = asyncio.ensure_future(change([each.main.twin for each in built]))
    listen = asyncio.get_running_loop().run_in_executor
    first = built[1].main
    while await listen(None, sys.stdin.readline):
        first.end("half-open") if first.faults.active else first.begin("half-open")
    weather.cancel()
    for each in served:
        await each.close()


async def change(twins: list[Any]) -> None:
    """Every device measures something else each second, so that there is something to decide."""
    for second in itertools.count():
        for number, twin in enumerate(twins):
            twin.set("power", 1000.0 + 7 * ((second + number) % 50))
        await asyncio.sleep(1.0)


if __name__ == "__main__":
    from emulators.family.build import build
    from rigs.loopback import serve

    asyncio.run(stand())

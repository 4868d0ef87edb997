"""(h) How near a serial line with ten meters comes to what its bit rate allows, when the controller asks without rest.

The limit is that of the wire: characters of request and answer, and the silence of 3.5 characters (1.75 ms above 19200
baud) before and after each request; the meters answer at once. In virtual time it is the controller's own order that is
measured, in real time also the line's: timers, the event loop, what is computed between two exchanges.
"""

import asyncio
import contextlib
import sys
from statistics import median

from bench.measure import Figure
from bench.paced import least, meters, site
from controller.hem import Hem
from controller.installation import controller
from rigs.physical import RealClock, Wiring, hang_up, line_for
from rigs.simulated import START, SimulatedRig

RATES = (9600, 19_200, 115_200)
WARM = 60.0  # s until all meters are known
CYCLE = 0.02  # s; no line gets through ten meters in that


def scheduled(baud: int, span: float) -> float:
    """Fraction of the wire's limit in virtual time."""
    rig = SimulatedRig(record=True)
    estate, line = meters(baud, rig.clock.monotonic)
    ((_, devices),) = estate.places
    hem = controller(estate.site, [(rig.connect(line), devices)], rig.clock)
    hem.cycle = CYCLE
    rig.start(hem.serve(hem.lines[0]))
    rig.run(START + WARM)
    rig.frames[0].clear()
    rig.run(START + WARM + span)
    frames = rig.frames[0]
    first = next(number for number, (_, way, _) in enumerate(frames) if way == "<")
    pairs = list(zip(frames[first + 1 :: 2], frames[first + 2 :: 2], strict=False))
    needed = sum(least(len(asked), len(told), baud) for (_, _, asked), (_, _, told) in pairs)
    return needed / (pairs[-1][1][0] - frames[first][0])


async def paced(baud: int, span: float) -> tuple[float, ...]:
    """Fraction of the wire's limit in real time, its median over exchanges, and of requests that kept the silence."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.paced", str(baud), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None
    device = (await process.stdout.readline()).decode().strip()
    line = line_for("modbus-rtu", Wiring(device=device, baud=baud))
    hem: Hem = controller(site(baud), [(line, site(baud).device)], RealClock())
    hem.cycle = CYCLE
    task = asyncio.create_task(hem.serve(hem.lines[0]))
    await asyncio.sleep(0.1)
    process.stdin.write(b"\n")
    await asyncio.sleep(span)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await hang_up(line)
    told = await process.stdout.readline()
    await process.wait()
    return tuple(float(each) for each in told.split())


def lines(span: float, rounds: int) -> list[Figure]:
    """The median exchange hangs less than the whole on what else the machine has to do."""
    figures = []
    for baud in RATES:
        runs = [asyncio.run(paced(baud, span)) for _ in range(rounds)]
        whole, middle, kept = zip(*runs, strict=True)
        what = f"10 meters at {baud} baud"
        figures += [
            Figure(f"{what}, of the wire's limit, virtual time", scheduled(baud, 60.0), "", ">= 0.95"),
            Figure(f"{what}, of the wire's limit, paced pty", median(whole), "", ">= 0.95"),
            Figure(f"{what}, of the wire's limit, paced pty, median exchange", median(middle), "", ">= 0.95"),
            Figure(f"{what}, requests after 3.5 characters of silence", min(kept), "", "1"),
        ]
    return figures

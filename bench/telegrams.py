"""(g) SML telegrams decoded: our reader with its bounds around smllib, against smllib alone on the same bytes.

Ours cuts telegrams out of the stream (at most 2048 bytes), checks the sum and walks all lengths before smllib builds
anything. The whole reading goes on to quantities in SI, what is possible for a meter and what may be published.
"""

import asyncio
import tracemalloc
from collections.abc import Callable, Sequence

from smllib.reader import SmlStreamReader
from smllib.sml.response_get_list import SmlGetListResponse

from bench.fuzz_sml import Once, Standing, healthy
from bench.measure import Figure, interleaved, seconds
from controller.drivers.sml import SmlMeter, decoded
from controller.drivers.sml_transport import LONGEST, START, cut
from controller.run.plausible import Plausible
from emulators.wires import sml


def bounded(telegrams: Sequence[bytes], times: int) -> float:
    """CPU seconds for bytes to list entries, through our bounds."""

    def run() -> None:
        for _ in range(times):
            for telegram in telegrams:
                (content,), _, _ = cut(telegram)
                assert decoded(content).entries

    return seconds(run)


def published(telegrams: Sequence[bytes], times: int) -> float:
    """CPU seconds for bytes to what the controller publishes: the driver and its plausibility."""

    async def run() -> None:
        for _ in range(times):
            for telegram in telegrams:
                clock = Standing()
                reading = await SmlMeter(Once(clock, telegram), clock, row=99).read()
                values, _ = Plausible().judge("meter", "grid-meter", reading, None, clock.monotonic())
                assert values, telegram.hex()

    return seconds(lambda: asyncio.run(run()))


def alone(telegrams: Sequence[bytes], times: int) -> float:
    """CPU seconds for bytes to list entries by smllib's own reader."""

    def run() -> None:
        reader = SmlStreamReader()
        for _ in range(times):
            for telegram in telegrams:
                reader.add(telegram)
                frame = reader.get_frame()
                assert frame is not None
                bodies = [message.message_body for message in frame.parse_frame()]
                lists = [body.val_list for body in bodies if isinstance(body, SmlGetListResponse)]
                found = {entry.obis: entry for entry in lists[0]}
                assert found

    return seconds(run)


def fullest() -> bytes:
    """The telegram with most to build that our bounds let through: entries without value, as many as find room."""
    nothing = sml.octets(b"")
    entry = sml.listing([sml.octets(sml.obis("1-0:16.7.0")), *[nothing] * 6])
    room = LONGEST - len(START) - 64  # for what surrounds the list
    entries = sml.listing([entry] * (room // len(entry)))
    body = sml.listing([nothing, sml.octets(bytes(10)), nothing, nothing, entries, nothing, nothing])
    return sml.transport(sml.message(b"\x01", 0x701, body))


def worst() -> tuple[float, float]:
    """CPU ms and MiB that the costliest telegram within our bounds takes."""
    (content,), _, _ = cut(fullest())
    tracemalloc.start()
    decoded(content)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return min(seconds(lambda: decoded(content)) for _ in range(5)) * 1000, most / (1 << 20)


def decode(times: int, rounds: int) -> list[Figure]:
    telegrams = healthy()
    count = times * len(telegrams)
    ways: dict[str, Callable[[], float]] = {
        "bounded": lambda: bounded(telegrams, times),
        "published": lambda: published(telegrams, times),
        "smllib": lambda: alone(telegrams, times),
    }
    found = interleaved(ways, rounds)
    slowest, largest = worst()
    what = f"SML telegram, {len(telegrams)} of {sum(map(len, telegrams)) // len(telegrams)} bytes"
    return [
        Figure(f"{what}, smllib alone", found["smllib"] / count * 1e6, "us"),
        Figure(f"{what}, our bounds around smllib", found["bounded"] / count * 1e6, "us"),
        Figure(f"{what}, the whole reading with plausibility", found["published"] / count * 1e6, "us"),
        Figure("SML, our bounds around smllib / smllib alone", found["bounded"] / found["smllib"], "x"),
        Figure("SML, the whole reading / smllib alone", found["published"] / found["smllib"], "x"),
        Figure("SML, costliest telegram within the bounds, CPU", slowest, "ms", "<= 20"),
        Figure("SML, costliest telegram within the bounds, memory", largest, "MiB", "<= 64"),
    ]

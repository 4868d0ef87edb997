"""A story told on a device of its own: what it found goes into the record of the story that asked for it."""

from collections.abc import Awaitable, Callable
from typing import Any

from controller.errors import HemError
from scenarios.bench.bench import Bench
from scenarios.bench.record import NotApplicable


def fresh(bench: Bench, *, model: str | None = None, **options: Any) -> Bench:
    """Another device of the same row and kind, set as `options` say, for a driver of the same row as before."""
    return Bench(
        bench.row.row, bench.protocol, model or bench.device.model, driver=bench.driver_class, profile=bench.profile,
        row_of_driver=bench.driven_as, options=options,
    )  # fmt: skip


async def tell(bench: Bench, other: Bench, story: Callable[[Bench], Awaitable[None]], about: str) -> None:
    """Tell `story` on `other`; an unexpected error is a failure, a question that cannot be asked there is none.

    The time it took passes here too, so that frames of one after the other do not lie at the same instant.
    """
    record, asked = other.record, True
    try:
        other.tell(story)
    except NotApplicable:
        asked = False
    except HemError as error:
        record.check("no unexpected error", False, "none", f"{type(error).__name__}: {error}")
    if asked and not record.checks:
        record.check("something was looked at", False, "a check", "none")
    for each in record.checks:
        bench.record.check(f"{about}: {each.what}", each.held, each.expected, each.found)
    later = float(bench.env.now) - other.start
    bench.record.frames += [(at + later, way, data) for at, way, data in record.frames]
    bench.record.trace += [(at + later, wanted, found) for at, wanted, found in record.trace]
    await bench.sleep(float(other.env.now) - other.start)

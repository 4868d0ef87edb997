"""What a bench file comes to, in lines for a person: places, envelopes, what an earlier run left, who answers."""

from collections.abc import AsyncIterator, Iterator

from controller.errors import HemError
from rigs.bench.benchfile import Bench, EnvelopeSettings, PlaceSettings
from rigs.bench.journal import left
from rigs.bench.looking import looked_at
from rigs.bench.places import check_lines
from rigs.physical import Shared


def told(bench: Bench, *, here: bool = True) -> Iterator[str]:
    """The file itself, resolved; ConfigurationError for a line that cannot be. `here`: serial lines are."""
    check_lines(bench, here=here)
    for place in bench.place:
        wired = f", measured by {place.wired}" if place.wired else ""
        yield f"{place.name}: row {place.row} {place.protocol} {place.model}, {place.device}{wired}"
        if place.real:
            yield f"  {_envelope(place.envelope)}"
    if waiting := left(bench.journal):
        places = ", ".join(dict.fromkeys(entry.place for entry in waiting))
        yield f"{bench.journal}: {len(waiting)} regions of {places} are to be put back: hem bench restore {bench.file}"


async def answers(bench: Bench) -> AsyncIterator[tuple[str, bool]]:
    """Who answers at each real place, and whether it is the device of the bench file. Nothing is written."""
    shared = Shared()
    for settings in bench.real:
        yield await _answer(settings, shared, bench.bench.timeout)


async def _answer(settings: PlaceSettings, shared: Shared, timeout: float | None) -> tuple[str, bool]:
    async with looked_at(settings, shared, timeout=timeout) as place:
        try:
            await place.identify()
        except HemError as error:
            return f"{settings.name}: {error}", False
    found = place.identity
    assert found is not None
    number, firmware = found.serial or "none told", found.firmware or "none told"
    return f"{settings.name}: {found.manufacturer} {found.model}, serial number {number}, firmware {firmware}", True


def _envelope(limits: EnvelopeSettings | None) -> str:
    if limits is None:
        return "is only read: it has no envelope"
    parts = []
    if limits.power is not None:
        parts.append(f"power {limits.power[0]:g} to {limits.power[1]:g} W")
    if limits.current is not None:
        parts.append(f"current {limits.current[0]:g} to {limits.current[1]:g} A")
    if limits.soc != (0.0, 100.0):
        parts.append(f"state of charge {limits.soc[0]:g} to {limits.soc[1]:g} %")
    parts += [f"{limits.rate:g} W/s"] if limits.rate else []
    parts += [f"{limits.current_rate:g} A/s"] if limits.current_rate else []
    parts.append(f"{limits.writes_per_minute} writes a minute, {limits.flash_per_day} to flash a day")
    parts += [f"not {first}" + (f" to {last}" if last > first else "") for first, last in limits.forbidden]
    parts += [f"{first:%H:%M} to {last:%H:%M}" for first, last in limits.hours]
    return "envelope: " + ", ".join(parts)

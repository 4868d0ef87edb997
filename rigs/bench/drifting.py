"""The drift of a whole bench: each real Modbus place held against its family file."""

from collections.abc import Iterator, Sequence

from controller.errors import ConfigurationError
from emulators.family.profile import profile_for
from rigs.bench.benchfile import Bench
from rigs.bench.drift import drift
from rigs.bench.drifted import Drift
from rigs.bench.looking import looked_at
from rigs.physical import Shared


async def drifts(bench: Bench, name: str = "") -> list[Drift]:
    """Of one place or of all that have registers; nothing is written."""
    wanted = [bench.at(name)] if name else list(bench.real)
    wanted = [each for each in wanted if each.real and each.protocol.startswith("modbus")]
    if not wanted:
        raise ConfigurationError("a real place that speaks Modbus, there is none", file=bench.file, key="place")
    found, shared = [], Shared()
    for settings in wanted:
        async with looked_at(settings, shared, timeout=bench.bench.timeout) as place:
            await place.identify()
            found.append(await drift(place))
            found[-1].file = getattr(profile_for(settings.row, settings.protocol), "file", "")
    return found


def proposal(found: Sequence[Drift]) -> Iterator[str]:
    """What the family files should say, each under its name."""
    for each in found:
        yield f"# {each.place}: {each.file}"
        yield from each.proposal()

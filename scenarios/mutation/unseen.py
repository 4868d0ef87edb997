"""Why no story can tell a broken row of an emulator's table: reasons that are checked on healthy and broken devices.

A family may show more than a driver asks for. A row is out of sight when the driver has no point there, when no device
of the list has a value there, or when everything that the driver tells and causes, to the seventh digit, stays.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from controller.errors import DeviceError
from scenarios.bench.bench import Bench
from scenarios.bench.commands import kinds, ready, regulation
from scenarios.bench.registers import spaces
from scenarios.mutation.equivalents import TRUTHS
from scenarios.mutation.mutants import Mutant
from scenarios.mutation.tables import Place, reaches

Told = list[object]  # identities and readings of one device, in the order of the truths


@dataclass(frozen=True)
class Sight:
    """What the drivers of a family look at, and fresh devices of it, with a broken table or the healthy one."""

    points: Mapping[str, Any]
    units: Collection[int]
    benches: Callable[[Mutant | None], Sequence[Bench]]


def beyond(sight: Sight, place: Place | None) -> str:
    """Why the driver never comes to a row, empty when it may."""
    if place is None:
        return ""
    if place.unit is not None and place.unit not in sight.units:
        return "the driver does not speak to this unit id"
    if reaches(sight.points, place):
        return ""
    return f"the driver has no point on this {place.kind.replace('sunspec', 'point of the model')}"


def alike(sight: Sight, mutant: Mutant, healthy: Sequence[Told]) -> str:
    """Why a break that survived does not matter, empty when it may."""
    if mutant.change.startswith(("scale factor", "scaler")):
        return "values are written with the factor that stands beside them: only their resolution changes"
    address = mutant.point.rpartition(": ")[2].partition(" ")[0]
    if address.isdigit() and "." not in mutant.point.partition(" ")[0]:
        held = [value for bench in sight.benches(None) for value in _held(bench, int(address), mutant.point)]
        if not held:
            return "none of the devices has this row"
        if all(value is None for value in held):
            return "the devices never have a value there"
    if list(map(told, sight.benches(mutant))) == list(healthy):
        return "all that the driver tells and causes stays the same to the seventh digit: it rests on other rows"
    return ""


def _held(bench: Bench, address: int, name: str) -> Iterator[object]:
    for space in spaces(bench):
        for row in space.rows:
            if row.address == address and name.endswith(f"{address} {row.name}"):
                yield space.value(row)


def told(bench: Bench) -> Told:
    """What the driver says of a device under every truth, and what its commands come to, errors included."""
    found: Told = []
    bench.tell(partial(_ask, found=found))
    if bench.controllable:
        bench.tell(partial(_command, found=found))
    return found


async def _ask(bench: Bench, found: Told) -> None:
    found.append(repr(await bench.attempt(bench.identify)))
    for truth in TRUTHS:
        truth(bench)
        await bench.sleep(1.1)
        answer = await bench.attempt(bench.read)
        found.append(repr(answer) if isinstance(answer, DeviceError) else _rounded(answer))


async def _command(bench: Bench, found: Told) -> None:
    ready(bench)
    gives = [partial(command.give, bench) for group in kinds(bench) for command in group]
    for give in (*gives, bench.driver.release):
        found.append(repr(await bench.attempt(give)))
        await bench.sleep(bench.driver.reaction)
        found += [_digits(bench.truth(name)) for name in ("power", "power_limit", "battery_power")]
        found.append(_rounded(regulation(bench)))


def _rounded(values: Mapping[str, object]) -> dict[str, object]:
    return {name: _digits(value) for name, value in values.items()}


def _digits(value: object) -> object:
    return f"{value:.7g}" if isinstance(value, float) else value

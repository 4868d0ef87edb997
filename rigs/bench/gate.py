"""The identity gate: a device is written to when it is the row, number and firmware that the bench file names.

Of a SunSpec device more is asked: its chain of models has to lie where the family's table has it, and the scale factors
of what can be written have to be those of the table. Otherwise the guard would read another meaning into its bytes.
"""

from collections.abc import Awaitable, Callable, Iterator

from controller.devices import Identity
from controller.errors import Refused, WrongDevice
from emulators.table.answers import Refusal
from emulators.table.rows import Row
from rigs.bench.benchfile import PlaceSettings
from rigs.bench.rehearsal import Rehearsal

Read = Callable[[int, int, int, int], Awaitable[bytes]]
HOLDING = 3


def differs(place: PlaceSettings, found: Identity) -> str:
    """What of the identity is not as the bench file has it, empty for nothing. The row is the driver's to know."""
    for what, told, wanted in (
        ("serial number", found.serial, place.serial), ("firmware", found.firmware, place.firmware),
    ):  # fmt: skip
        if wanted and told.strip() != wanted.strip():
            return f"{what} {told or 'none'}, the bench file has {wanted}"
    return ""


def check(place: PlaceSettings, found: Identity) -> None:
    """WrongDevice when somebody else than the bench file's device has answered."""
    if why := differs(place, found):
        raise WrongDevice(f"{found.manufacturer} {found.model} with {why}", [f"the device of place {place.name}"])


async def layout(place: PlaceSettings, rehearsal: Rehearsal, read: Read) -> None:
    """WrongDevice when the chain of a SunSpec device, or a factor of what is written, is not as the table has it."""
    for unit, row, expected in marks(rehearsal):
        try:
            found = await read(unit, HOLDING, row.address, row.words)
        except Refused as no:
            found = bytes((no.code,)) if isinstance(no.code, int) else b""
        if found != expected:
            wanted = f"{row.name} {expected.hex()}"
            told = f"{found.hex()} at register {row.address} of unit {unit}, where its table has {wanted}"
            raise WrongDevice(told, [f"the map of place {place.name}"])


def marks(rehearsal: Rehearsal) -> Iterator[tuple[int, Row, bytes]]:
    """What has to stand where in a SunSpec device that is written to: heads of models, factors of what is written."""
    for number, unit in rehearsal.units.items():
        space = unit.spaces.get("holding")
        rows = space.rows if space is not None and HOLDING in unit.functions else ()
        chained = any(row.name == "SunS" for row in rows)
        written = {row.name.partition(" ")[0] for row in rows if row.allows("w")}
        for row in rows if chained and written else ():
            model = row.name.partition(" ")[0]
            head = row.name == "SunS" or (row.name.endswith((" ID", " L")) and model.isdigit())
            if space is not None and (head or (row.name.endswith("_SF") and model in written)):
                try:
                    yield number, row, space.read(row.address, row.words)
                except Refusal:
                    continue

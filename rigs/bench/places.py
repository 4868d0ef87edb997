"""A real place of a bench as it is worked with: its line with the guard in it, its driver, its identity."""

import inspect
from dataclasses import dataclass, field
from typing import Any

from controller.devices import Identity
from controller.drivers.hardybarth import EcbCharger
from controller.drivers.keba_udp import KebaP30Udp
from controller.drivers.rct import RctPowerStorageAc, RctPowerStorageDc
from controller.drivers.serving import driver_for
from controller.drivers.sg_ready import SgReadyPump
from controller.errors import ConfigurationError
from controller.ports import Line
from rigs.bench import gate
from rigs.bench.benchfile import Bench, PlaceSettings
from rigs.bench.ecb1 import Ecb1Keeper
from rigs.bench.envelope import Clock
from rigs.bench.guard import Guard
from rigs.bench.guarded import (
    GuardedChannel,
    GuardedDatagrams,
    GuardedModbus,
    GuardedStream,
    GuardedWeb,
    Heard,
    Nobody,
)
from rigs.bench.journal import Journal
from rigs.bench.keba import KebaKeeper
from rigs.bench.keeper import Keeper
from rigs.bench.rct import RctKeeper
from rigs.bench.relays import RelayKeeper
from rigs.channels import Channel, check_serial
from rigs.physical import Datagrams, Modbus, RealClock, Shared, Stream, Web, Wiring, hang_up, line_for
from rigs.sites import wiring_of

TIMEOUT = 1.0  # s, where the bench file says nothing
KEEPERS: dict[object, type[Keeper]] = {
    KebaP30Udp: KebaKeeper, EcbCharger: Ecb1Keeper, SgReadyPump: RelayKeeper, RctPowerStorageAc: RctKeeper,
    RctPowerStorageDc: RctKeeper,
}  # fmt: skip


@dataclass
class RealPlace:
    """One real device. `line` is guarded, everybody who speaks to the device has this one.

    `timeout`: s that an answer is waited for.
    """

    settings: PlaceSettings
    guard: Guard
    journal: Journal
    base: Line
    line: Any = None
    clock: RealClock = field(default_factory=RealClock)
    identity: Identity | None = None
    timeout: float = TIMEOUT

    def driver(self) -> Any:
        """A driver that knows nothing of what was before."""
        return self._driver(self.line)

    def driver_as(self, number: int) -> Any:
        """The driver of another row, for those who want to see it refuse this device."""
        served: Any = driver_for(number, self.settings.protocol)
        return served(self.line, self.clock, self.settings.unit, row=number)

    def _driver(self, line: Any) -> Any:
        settings = self.settings
        served: Any = driver_for(settings.row, settings.protocol)
        told = {"rated_power": self.guard.rehearsal.rated_power, **settings.relays.model_dump()}
        taken = inspect.signature(served).parameters
        installer = {name: value for name, value in told.items() if name in taken and value}
        return served(line, self.clock, settings.unit, row=settings.row, model=settings.model, **installer)

    async def identify(self) -> None:
        """Have the device say who it is, and open the gate; WrongDevice when it is somebody else.

        A fresh driver asks over the unguarded layer's line: it only reads, and nothing of it is remembered.
        """
        self.guard.identified = False
        line = self.line if isinstance(self.line, GuardedDatagrams | GuardedWeb) else self.base
        found: Identity = await self._driver(line).identify()
        gate.check(self.settings, found)
        self.identity = found
        if self.settings.envelope is not None and isinstance(self.base, Modbus):
            await gate.layout(self.settings, self.guard.rehearsal, self.base.read)
        self.guard.identified = True

    async def close(self) -> None:
        await hang_up(self.base)


def open_place(
    settings: PlaceSettings, journal: Journal, *, heard: Heard | None = None, wiring: Wiring | None = None,
    shared: Shared | None = None, timeout: float | None = None,
) -> RealPlace:  # fmt: skip
    """A real place with its guard, nothing sent yet. `wiring`: another way to it, through a proxy."""
    clock, heard = RealClock(), heard or Nobody()
    guard = Guard(settings, Clock(clock.monotonic, clock.now))
    keeper = keeper_of(settings)

    def around(channel: Channel) -> Channel:
        return GuardedChannel(channel, guard, heard, None if settings.protocol.startswith("modbus") else keeper)

    base = line_for(
        settings.protocol, wiring or wiring_of(settings.as_device), shared=shared, timeout=timeout, around=around
    )
    place = RealPlace(settings, guard, journal, base, timeout=timeout or TIMEOUT)
    if isinstance(base, Modbus):
        place.line = GuardedModbus(base, guard, journal, place.identify)
    elif isinstance(base, Datagrams):
        place.line = GuardedDatagrams(guard, journal, place.identify, keeper, base, heard)
    elif isinstance(base, Web):
        place.line = GuardedWeb(guard, journal, place.identify, keeper, base, heard)
    elif isinstance(base, Stream):
        place.line = GuardedStream(guard, journal, place.identify, keeper, base)
    else:
        place.line = base
    for entry in journal.of(settings.name):
        guard.journalled(entry)
    return place


def keeper_of(settings: PlaceSettings) -> Keeper:
    """Who knows what a maker's own commands change; of other wires one who knows of no command."""
    kind = KEEPERS.get(driver_for(settings.row, settings.protocol), Keeper)
    return RelayKeeper(settings.name, settings.relays.board or "udp") if kind is RelayKeeper else kind(settings.name)


def check_lines(bench: Bench, *, here: bool = True) -> None:
    """ConfigurationError for a line that cannot be, or is no serial line of this machine (`here`)."""
    for number, place in enumerate(bench.place):
        if here and place.real and place.line is not None and place.line.device:
            check_serial(place.line.device, f"place[{number}].line.device", bench.file)
        known = place.protocol.startswith("modbus") or type(keeper_of(place)) is not Keeper
        if place.envelope is not None and not known:
            why = f"writing to row {place.row} on {place.protocol} is not built: without an envelope it is only read"
            raise ConfigurationError(why, file=bench.file, key=f"place[{number}].envelope")
        if place.real:
            try:
                line_for(place.protocol, wiring_of(place.as_device))
            except ConfigurationError as error:
                raise ConfigurationError(
                    error.expectation, file=bench.file, key=f"place[{number}].{error.key}"
                ) from error

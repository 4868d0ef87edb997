"""Which driver classes and family files serve which rows, each once, with the cases that judge them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from controller.compatibility.rows import Row
from controller.devices import Driver
from controller.drivers.serving import driver_for
from emulators.family.profile import Profile, profile_for
from scenarios.bench.declared import every_point
from scenarios.bench.ways import ways
from scenarios.campaign.cases import Case, built

REGISTERS = frozenset({"modbus-tcp", "modbus-rtu"})


@dataclass(frozen=True)
class Pair:
    """A driver class, a family, or both, with the cases that judge their mutants."""

    side: str
    driver: type[Driver]
    profiles: tuple[Profile, ...]
    cases: tuple[Case, ...]

    @property
    def of(self) -> str:
        return self.driver.__name__ if self.side == "driver" else self.profiles[0].file.removeprefix("emulators/")

    @property
    def rows(self) -> tuple[int, ...]:
        return tuple(sorted({case.row for case in self.cases}))

    @property
    def weight(self) -> int:
        """How long it takes, roughly: its mutants that are judged, times its cases."""
        if self.side == "driver":
            return 60 * len(every_point(self.driver)) * len(self.cases)
        every = ways(self.profiles[0].file, self.cases[0].protocol)
        return 3 * sum(len(way.words) for way in every)


def pairs(rows: Sequence[Row]) -> list[Pair]:
    """Every driver class and every family that serves these rows, once; the drivers first."""
    drivers: dict[type[Driver], Pair] = {}
    families: dict[str, Pair] = {}
    for row in rows:
        for protocol in row.protocols:
            profile = profile_for(row.row, protocol)
            if profile is None or built(row.row, protocol):
                continue
            driver = driver_for(row.row, protocol)
            models = {facts.phases: facts for facts in reversed(profile.models_of(row.row))}
            mine = tuple(Case(row.row, protocol, facts.name, "read") for facts in models.values())
            before = drivers.get(driver)
            if before is None or profile not in before.profiles or row.row not in before.rows:  # one protocol will do
                old = before or Pair("driver", driver, (), ())
                known = old.profiles if profile in old.profiles else (*old.profiles, profile)
                drivers[driver] = replace(old, profiles=known, cases=(*old.cases, *mine))
            if "registers" in profile.data and protocol not in REGISTERS:
                continue  # another wire of a family whose tables are registers
            own = families.get(profile.file) or Pair("emulator", driver, (profile,), ())
            if row.row not in own.rows:
                families[profile.file] = replace(own, cases=(*own.cases, *mine))
    return [*drivers.values(), *families.values()]

"""The energy account of a site: sources, sinks, stores and losses, and what remains unexplained."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from twin.battery import BatteryInverter


@dataclass(frozen=True, slots=True)
class Balance:
    """Energies in Wh since the start. `devices`: AC energy of each device, (into the house, out of it)."""

    imported: float
    exported: float
    generated: float  # at the AC terminals, the hybrids' own PV included
    consumed: float  # by the house, charging points, heat and standby, without charging losses of batteries
    charged: float
    discharged: float
    stored: float  # more in the batteries than at the start
    losses: Mapping[str, float]  # of each inverter and battery
    imposed: float  # what was set from outside against physics
    residual: float  # what sources, sinks, stores and losses do not explain
    devices: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def turnover(self) -> float:
        """All energy that came in."""
        return self.imported + self.generated + self.discharged

    @property
    def self_consumption(self) -> float | None:
        """Share of the generation that stayed in the house, None without generation."""
        return min(max(1 - self.exported / self.generated, 0.0), 1.0) if self.generated > 0 else None

    @property
    def autarky(self) -> float | None:
        """Share of the consumption that did not come from the grid, None without consumption."""
        return min(max(1 - self.imported / self.consumed, 0.0), 1.0) if self.consumed > 0 else None


class Ledger:
    """Counts each flow by itself, apart from the devices' own counters, so that setting those does not disturb it."""

    def __init__(self, start: float) -> None:
        self._time = start
        self._imported = self._exported = self._load = 0.0
        self._in: dict[str, float] = {}
        self._out: dict[str, float] = {}
        self._heat: dict[str, float] = {}
        self._batteries: dict[str, tuple[BatteryInverter, tuple[float, ...]]] = {}

    def watch(self, name: str, battery: BatteryInverter) -> None:
        """Remember what a battery starts with."""
        self._batteries[name] = battery, _account(battery)

    def count(
        self, now: float, grid: float, load: float, watts: Mapping[str, float], heat: Mapping[str, float]
    ) -> None:
        """Up to `now`, with flows in W that were constant since the last time; `heat` is what inverters lose."""
        hours = (now - self._time) / 3600
        if hours <= 0:
            return
        self._time = now
        self._imported += max(grid, 0.0) * hours
        self._exported += max(-grid, 0.0) * hours
        self._load += load * hours
        for name, power in watts.items():
            self._in[name] = self._in.get(name, 0.0) + max(power, 0.0) * hours
            self._out[name] = self._out.get(name, 0.0) + max(-power, 0.0) * hours
        for name, power in heat.items():
            self._heat[name] = self._heat.get(name, 0.0) + power * hours

    def balance(self) -> Balance:
        """The account as it stands."""
        sun = charged = discharged = stored = lost = forced = imposed = given = 0.0
        losses = dict(self._heat)
        for name, (battery, start) in self._batteries.items():
            moved = [now - then for now, then in zip(_account(battery), start, strict=True)]
            sun, charged, discharged = sun + moved[0], charged + moved[1], discharged + moved[2]
            stored, lost, forced = stored + moved[3], lost + moved[4], forced + moved[5]
            imposed, given = imposed + moved[6], given + moved[7]
            losses[name] = moved[4]
        others = [name for name in self._in if name not in self._batteries]
        generated = sun + sum(self._in[name] for name in others)
        consumed = self._load + sum(self._out[name] for name in others)
        node = self._imported - self._exported + generated + discharged - charged + imposed - consumed
        cells = charged - discharged - lost - (stored - given + forced)
        return Balance(
            self._imported, self._exported, generated, consumed, charged, discharged, stored, losses,
            abs(imposed) + abs(forced) + abs(given), abs(node) + abs(cells),
            {name: (self._in[name], self._out[name]) for name in self._in},
        )  # fmt: skip


def _account(battery: BatteryInverter) -> tuple[float, ...]:
    return (
        battery.pv_energy, battery.charge_energy, battery.discharge_energy, battery.stored,
        battery.lost_energy, battery.forced_energy, battery.imposed_energy, battery.given_energy,
    )  # fmt: skip

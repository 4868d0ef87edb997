"""A whole house from its site file in virtual time: emulated devices, one energy balance, the real controller."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from controller.compatibility.rows import row
from controller.hem import Hem, Strategy
from controller.strategy.household import Household, Settings
from emulators.family.build import Installation
from rigs import sites
from rigs.estate import settle
from rigs.simulated import SimulatedRig
from rigs.sites import Site
from twin.site import Site as TwinSite

MIDNIGHT = 1_749_938_400.0  # 2025-06-15 00:00 in Berlin, the start of a simulated day
SAMPLE = 60.0  # s between two points of the recorded series


def settings(site: Site, charging: str = "surplus") -> Settings:
    """What the installer's file says to the strategy."""
    heaters = site.of_function("heater")
    power = sum(row(each.row).variant(each.model).rated_power or 3000.0 for each in heaters)
    return Settings(
        ripple=site.ripple(), charging=charging, maximum_current=16.0, fuse=site.site.fuse, heater_power=power or 3000.0
    )


@dataclass
class Home:
    """An emulated house with its controller in virtual time. `series`: quantity -> samples, one a minute."""

    site: Site
    rig: SimulatedRig
    twin: TwinSite
    hem: Hem
    built: dict[str, Installation]
    series: dict[str, list[float]] = field(default_factory=dict)

    def start(self) -> None:
        """Let the controller run: one process a line, one that decides."""
        for line in self.hem.lines:
            self.rig.start(self.hem.serve(line))
        self.rig.start(self.hem.steer())

    def run(self, until: float, progress: Callable[[int, int], None] = lambda done, all_: None) -> None:
        """Let time pass until `until` (s, UTC), sampling every minute."""
        begin = now = float(self.rig.env.now)
        while now < until:
            now = min(now + SAMPLE, until)
            self.rig.run(now)
            self.sample(now)
            progress(int((now - begin) // SAMPLE), int((until - begin) // SAMPLE))

    def sample(self, now: float) -> None:
        """One point of every series."""
        self.twin.advance(now)
        point = {"time": now, "load": self.twin.load_power, "grid": self.twin.grid_power}
        for device in self.site.device:
            model: Any = self.built[device.name].main.twin
            if device.function in ("pv", "charger", "heater"):
                point[device.name] = float(model.power)
            elif device.function == "battery":
                point |= {
                    device.name: float(model.battery_power), f"{device.name}_soc": float(model.soc),
                    f"{device.name}_pv": float(model.pv_power),
                }  # fmt: skip
        for name, value in point.items():
            self.series.setdefault(name, []).append(value)

    def result(self) -> dict[str, Any]:
        """Balance, rates, series and what the controller did, as plain data."""
        balance = self.twin.balance()
        return {
            "site": self.site.site.name,
            "turnover": balance.turnover,
            "residual": balance.residual,
            "residual_share": balance.residual / balance.turnover if balance.turnover else 0.0,
            "self_consumption": balance.self_consumption,
            "autarky": balance.autarky,
            "imported": balance.imported, "exported": balance.exported, "generated": balance.generated,
            "consumed": balance.consumed, "charged": balance.charged, "discharged": balance.discharged,
            "stored": balance.stored, "losses": dict(balance.losses),
            "devices": {name: list(flows) for name, flows in balance.devices.items()},
            "functions": {device.name: device.function for device in self.site.device},
            "series": self.series,
            "events": [[event.time, event.device, event.what] for event in self.hem.events],
        }  # fmt: skip


def home(
    site: Site, *, days: int = 7, seed: int = 1, start: float = MIDNIGHT, strategy: Strategy | None = None,
    record: bool = False,
) -> Home:  # fmt: skip
    """A site file's house in virtual time, not yet started. `record` keeps the frames of its lines."""
    rig = SimulatedRig(start, record)
    estate = settle(site, rig.clock.now, days=days, seed=seed)
    members = sites.members(site, estate.wire(rig.connect), rig.clock)
    hem = Hem(rig.clock, members, strategy or Household(settings(site)))
    return Home(site, rig, estate.physics, hem, estate.installations)

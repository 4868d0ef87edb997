"""A whole house from its site file in virtual time: emulated devices, one energy balance, the real controller."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from controller.errors import ConfigurationError
from controller.hem import Hem
from controller.installation import controller
from controller.sitefile import Site
from controller.store import Store
from emulators.family.build import Installation
from rigs import local
from rigs.estate import points, settle
from rigs.simulated import SimulatedRig
from twin.site import Site as TwinSite

MIDNIGHT = 1_749_938_400.0  # 2025-06-15 00:00 in Berlin, the start of a simulated day
SAMPLE = 60.0  # s between two points of the recorded series
LEAST = 1.0  # Wh that count as missing


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
                each: Any  # a station has several charge points
                for name, each in points(device, self.built[device.name]).items():
                    point[name] = float(each.twin.power)
            elif device.function == "battery":
                point |= {
                    device.name: float(model.battery_power), f"{device.name}_soc": float(model.soc),
                    f"{device.name}_pv": float(model.pv_power),
                }  # fmt: skip
        for name, value in point.items():
            self.series.setdefault(name, []).append(value)

    def missed(self) -> list[dict[str, Any]]:
        """Cars that have left with less than they wanted: where, when, and the Wh that are missing."""
        zone = self.site.site.time_zone
        short = [each for each in self.twin.departures if each.missing > LEAST]
        return [{**asdict(each), "local": local.shown(each.time, zone)} for each in short]

    def result(self) -> dict[str, Any]:
        """Balance, rates, series and what the controller did, as plain data. Times are s UTC."""
        balance = self.twin.balance()
        return {
            "site": self.site.site.name,
            "time_zone": self.site.site.time_zone,
            "start": self.twin.start,
            "local_start": local.shown(self.twin.start, self.site.site.time_zone),
            "turnover": balance.turnover,
            "residual": balance.residual,
            "residual_share": balance.residual / balance.turnover if balance.turnover else 0.0,
            "self_consumption": balance.self_consumption,
            "autarky": balance.autarky,
            "imported": balance.imported, "exported": balance.exported, "generated": balance.generated,
            "consumed": balance.consumed, "charged": balance.charged, "discharged": balance.discharged,
            "stored": balance.stored, "losses": dict(balance.losses),
            "devices": {name: list(flows) for name, flows in balance.devices.items()},
            "functions": {
                name: device.function for device in self.site.device for name in points(device, self.built[device.name])
            },
            "departures": len(self.twin.departures),
            "missed": self.missed(),
            "series": self.series,
            "events": [[event.time, event.device, event.what] for event in self.hem.log],
            "events_before": self.hem.log.dropped,
        }  # fmt: skip


def beginning(day: str) -> float:
    """When a local day (2025-06-15) begins, in s UTC; the usual one without. ConfigurationError when it is none."""
    if not day:
        return MIDNIGHT
    try:
        found = date.fromisoformat(day)
    except ValueError as error:
        raise ConfigurationError(f"a day such as 2025-06-15, not {day!r}", key="start") from error
    if not 2000 <= found.year < 2100:
        raise ConfigurationError(f"a day from 2000 to 2099, not {day}", key="start")
    return local.midnight(found)


def home(
    site: Site, *, days: int = 7, seed: int = 1, start: float = MIDNIGHT, store: Store | None = None,
    record: bool = False,
) -> Home:  # fmt: skip
    """A site file's house in virtual time, not yet started. `record` keeps the frames of its lines."""
    rig = SimulatedRig(start, record)
    estate = settle(site, rig.clock.monotonic, days=days, seed=seed)
    hem = controller(site, estate.wire(rig.connect), rig.clock, store=store)
    return Home(site, rig, estate.physics, hem, estate.installations)

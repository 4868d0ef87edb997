"""A whole house from its site file: emulated devices over one energy balance, and the real controller."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.compatibility.rows import row
from controller.errors import ConfigurationError
from controller.hem import Hem, Strategy
from controller.ports import Line
from controller.strategy.household import Household, Settings
from emulators.build import Installation, NotBuilt, build
from rigs import sites
from rigs.simulated import START, SimulatedRig
from rigs.sites import DeviceSettings, Site
from twin.house import House, Part
from twin.house import build as build_twin
from twin.series import Array
from twin.site import Site as TwinSite

SAMPLE = 60.0  # s between two points of the recorded series


def installations(site: Site, clock: Callable[[], float]) -> dict[str, Installation]:
    """The site's devices as emulators, by name, none of them connected yet."""
    found = {}
    for number, device in enumerate(site.device):
        try:
            made = build(device.row, device.protocol, clock=clock, model=device.model, unit=device.unit)
        except NotBuilt as error:
            raise ConfigurationError(str(error), file=site.file, key=f"device[{number}].row") from error
        if device.capacity and "capacity" in made.main.twin.quantities:
            made.main.twin.set("capacity", device.capacity)
        found[device.name] = made
    return found


def twins(site: Site, built: Mapping[str, Installation], start: float, days: int, seed: int = 1) -> TwinSite:
    """The house that these devices stand in: sun, load, cars and hot water, one energy balance."""
    parts = tuple(_part(site, device) for device in site.device)
    models = {name: installation.main.twin for name, installation in built.items()}
    return build_twin(House(parts, site.site.annual_load, days=days, seed=seed), start, models)


def _part(site: Site, device: DeviceSettings) -> Part:
    listed = row(device.row)
    variant = listed.variant(device.model)
    place = site.site
    array = None
    if device.peak_power:
        array = Array(
            device.peak_power,
            latitude=place.latitude,
            longitude=place.longitude,
            tilt=device.tilt,
            azimuth=device.azimuth,
            altitude=place.altitude,
        )
    return Part(
        device.name, listed.section, variant.rated_power or 0.0, phase=device.phase, array=array,
        hot_water=device.hot_water, car=device.car, of=device.of or "grid", soc=device.soc,
    )  # fmt: skip


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


def home(site: Site, *, days: int = 7, seed: int = 1, start: float = START, strategy: Strategy | None = None) -> Home:
    """A site file's house in virtual time, not yet started."""
    rig = SimulatedRig(start)
    built = installations(site, rig.clock.now)
    twin = twins(site, built, start, days, seed)
    connected: list[tuple[Line, list[DeviceSettings]]] = [
        (rig.connect(built[device.name]), [device]) for device in site.device
    ]
    members = sites.members(site, connected, rig.clock)
    return Home(site, rig, twin, Hem(rig.clock, members, strategy or Household(settings(site))), built)

"""Site files: which devices a house has, where they are reached, what they are for, and what the installer has set.

TOML, checked by pydantic. Every mistake is a `ConfigurationError` with file, key path and what was expected. What the
list says of a row is checked here too: the protocols it offers, the models it prints, the function it can have. The
keys of rules are in `controller.settings`, what follows from all of them in `controller.installation`.

    [site]      name, latitude, longitude, altitude (m), time_zone, fuse (A a phase), phases, start, first, firmware
                annual_load (Wh), of a simulated house
    [[device]]  name, row, protocol, model, unit, function, rated_power (W), phases, phase, and what the function needs
    [[fuse]]    a fuse behind the main one, see `controller.settings.Fuse`
    [grid]      rules of the connection point, see `controller.settings.Grid`
    [history]   where history is kept, see `controller.settings.Archive`
    [device.line]  host, port or device, baud, parity, stop or url or files; without it the device can only be emulated
                   any_transaction, for a Modbus/TCP gateway that puts transaction ids of its own
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from controller.compatibility.levels import Level
from controller.compatibility.rows import row
from controller.errors import ConfigurationError
from controller.settings import (
    Archive,
    Charging,
    Fuse,
    Grid,
    Heating,
    Percent,
    Positive,
    Receiver,
    Relays,
    Storage,
    Strict,
    Tariff,
)  # fmt: skip
from controller.strategy.view import Function
from controller.tomlfile import checked, toml

FUNCTIONS: dict[str, tuple[Function, ...]] = {
    "pv-inverter": ("pv",),
    "battery-inverter": ("battery",),
    "charging-station": ("charger",),
    "electricity-meter": ("meter", "grid-meter"),
    "heating-rod": ("heater",),
    "heat-pump": ("heater",),
    "ripple-control-receiver": ("ripple",),
    "dynamic-tariff": ("tariff",),
    "direct-marketing": ("marketer",),
}
"""What a section's devices can be for, the first by default; those of other sections are `other`."""


class LineSettings(Strict):
    """Where a device is reached; see `rigs.physical.Wiring`."""

    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    device: str = ""
    baud: Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] | None = None
    parity: Literal["N", "E", "O"] | None = None
    stop: Literal[1, 2] | None = None
    interface: str = ""
    url: str = ""
    files: tuple[str, ...] = ()
    active_low: bool = False
    control: str = ""
    any_transaction: bool = False
    allow: tuple[str, ...] = ()  # who may ask, of a device that asks us; host and port are then where we listen


class DeviceSettings(Strict):
    """One device of the site.

    `rated_power` in W is the installer's word on what it can do at most, before what the device says of itself and
    what the list prints of its model. `phases`, `phase`: how it is connected; its (first) phase hangs on `phase`.
    """

    name: Annotated[str, Field(min_length=1)]
    row: int
    protocol: str = ""
    model: str | None = None
    unit: Annotated[int, Field(ge=0, le=255)] | None = None
    function: Function | None = None
    line: LineSettings | None = None
    serial: str = ""  # which of several senders on one network it is
    points: Annotated[int, Field(ge=1, le=3)] | None = None  # charge points of a station, all that it can have without
    rated_power: Positive | None = None
    phases: Literal[1, 2, 3] | None = None
    phase: Literal[1, 2, 3] = 1
    peak_power: Positive | None = None  # W of the PV modules on pv and hybrids
    charging: Charging = Charging()
    heating: Heating = Heating()
    battery: Storage = Storage()
    receiver: Receiver = Receiver()
    tariff: Tariff = Tariff()
    relays: Relays = Relays()
    patterns: dict[str, Percent] = Field(default_factory=dict)  # of a ripple receiver: contacts = percent
    storage: str = ""  # maker of the battery behind it, where the list asks for one
    of: tuple[str, ...] = ()  # of a meter: names of the devices it measures
    # of the simulated house
    tilt: Annotated[float, Field(ge=0, le=90)] = 30.0
    azimuth: Annotated[float, Field(ge=0, le=360)] = 180.0
    capacity: Positive | None = None  # Wh
    soc: Percent | None = None
    car: Positive | None = None  # Wh a working day
    hot_water: Positive | None = None  # Wh a day

    def point_name(self, point: int) -> str:
        """What a charge point of a station is called: the first one as the station itself."""
        return self.name if point == 1 else f"{self.name}-{point}"

    @field_validator("patterns")
    @classmethod
    def _contacts(cls, patterns: dict[str, float]) -> dict[str, float]:
        for pattern in patterns:
            if len(pattern) != 4 or set(pattern) - {"0", "1"}:
                raise ValueError(f"K1 to K4 as four digits 0 or 1, not {pattern!r}")
        return patterns


class Place(Strict):
    """The house itself. `annual_load` in Wh, `fuse` in A a phase, `firmware` the HEM level, `time_zone` an IANA name.

    `start`: what generators may feed from the start until the signals have been read: nothing, or all they can.
    """

    name: str = "house"
    latitude: Annotated[float, Field(ge=-90, le=90)] = 52.5
    longitude: Annotated[float, Field(ge=-180, le=180)] = 13.4
    altitude: float = 40.0
    time_zone: str = "Europe/Berlin"
    annual_load: Positive = 4_000_000.0
    fuse: Positive = 35.0
    phases: Literal[1, 3] = 3
    start: Literal["limited", "free"] = "limited"
    first: Literal["car", "battery"] = "car"  # who takes surplus first
    firmware: str = "3.0.0"

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("a time zone such as Europe/Berlin") from error
        return name


class Site(Strict):
    """A site file, checked. Devices have protocol and function filled in; a model only where the file names one."""

    file: str = ""
    site: Place = Place()
    device: Annotated[tuple[DeviceSettings, ...], Field(min_length=1)]
    fuse: tuple[Fuse, ...] = ()
    grid: Grid = Grid()
    history: Archive = Archive()

    @property
    def level(self) -> Level:
        return Level.parse(self.site.firmware)

    def of_function(self, *functions: Function) -> tuple[DeviceSettings, ...]:
        return tuple(each for each in self.device if each.function in functions)


def load(path: str | Path) -> Site:
    """Read a site file; ConfigurationError with file, key path and expectation when it cannot be used."""
    return check(toml(path), str(path))


def check(data: dict[str, Any], file: str = "") -> Site:
    """The site that parsed TOML describes."""
    site = checked(Site, data, file)
    devices = []
    for number, device in enumerate(site.device):
        try:
            devices.append(_completed(device, site.device))
        except ConfigurationError as error:
            key = f"device[{number}].{error.key}" if error.key else f"device[{number}]"
            raise ConfigurationError(error.expectation, file=file, key=key) from error
    names = [device.name for device in devices]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigurationError(f"each name once, {twice[0]!r} is there more often", file=file, key="device.name")
    meters = [device.name for device in devices if device.function == "grid-meter"]
    if len(meters) > 1:
        raise ConfigurationError(f"one grid-meter, not {' and '.join(meters)}", file=file, key="device.function")
    _dimmed(site, devices)
    try:
        Level.parse(site.site.firmware)
    except ConfigurationError as error:
        raise ConfigurationError(error.expectation, file=file, key="site.firmware") from error
    return site.model_copy(update={"device": tuple(devices)})


def _dimmed(site: Site, devices: Sequence[DeviceSettings]) -> None:
    """ConfigurationError when section 14a names a device that is not there, or one that cannot be dimmed."""
    law = site.grid.section14a
    if law is None:
        return
    loads = {device.name for device in devices if device.function in ("charger", "battery", "heater")}
    receivers = {
        device.name for device in devices if device.function == "ripple" and device.receiver.acts_on != "generation"
    }
    for key, names, known in (
        ("devices", law.devices, loads),
        ("cooling", law.cooling, loads),
        ("exempt", law.exempt, loads),
        ("receiver", (law.receiver,) if law.receiver else (), receivers),
    ):
        if wrong := sorted(set(names) - known):
            expected = "a receiver that acts on consumption" if key == "receiver" else "a charger, battery or heater"
            raise ConfigurationError(f"{expected}, not {wrong[0]!r}", file=site.file, key=f"grid.section14a.{key}")


def _completed(device: DeviceSettings, others: Sequence[DeviceSettings]) -> DeviceSettings:
    """With protocol and function filled in from the list, and checked against it."""
    listed = row(device.row)
    protocol = device.protocol or listed.protocols[0]
    if protocol not in listed.protocols:
        raise ConfigurationError(
            f"row {device.row} has {', '.join(listed.protocols)}, not {protocol!r}", key="protocol"
        )
    possible = FUNCTIONS.get(listed.section, ("other",))
    function = device.function or possible[0]
    if function not in possible:
        raise ConfigurationError(f"a {listed.section} can be {' or '.join(possible)}, not {function!r}", key="function")
    for name in device.of:
        if name not in {other.name for other in others}:
            raise ConfigurationError(f"the name of a device, there is no {name!r}", key="of")
    model = None if device.model is None else listed.variant(device.model).name
    return device.model_copy(update={"protocol": protocol, "function": function, "model": model})

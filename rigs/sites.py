"""Site files: which devices a house has, where they are reached and what they are for. TOML, checked by pydantic.

    [site]      name, latitude, longitude, altitude (m), annual_load (Wh), fuse (A a phase), firmware
    [[device]]  name, row, protocol, model, unit, function, and what the function needs:
                pv: peak_power (W), tilt, azimuth
                battery: capacity (Wh), soc (%), storage (its maker), and those of pv on hybrids
                charger: phase, car (Wh a working day)     heater: hot_water (Wh a day)
                meter: of (names of devices)               ripple: patterns (contacts = percent)
    [device.line]  host, port or device, baud, parity, stop or url or files; without it the device can only be emulated

Every mistake is a `ConfigurationError` with file, key path and what was expected. What the list says of a row is
checked here too: the protocols it offers, the models it prints, the function it can have.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from controller.compatibility import rules
from controller.compatibility.levels import Level
from controller.compatibility.rows import row
from controller.drivers.serving import driver_for
from controller.errors import ConfigurationError
from controller.members import Function, Member, member
from controller.ports import Clock, Line, SerialSettings
from controller.strategy.limits import Pattern, RippleTable
from rigs.physical import Shared, Wiring, factory_settings, line_for

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

Positive = Annotated[float, Field(gt=0)]
Percent = Annotated[float, Field(ge=0, le=100)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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

    def wiring(self, factory: SerialSettings) -> Wiring:
        """As the physical rig takes it. `factory`: the settings of a serial line of which nothing is said."""
        said = {name: value for name, value in self.model_dump().items() if value is not None}
        return Wiring(**{**asdict(factory), **said})


class DeviceSettings(Strict):
    """One device of the site."""

    name: Annotated[str, Field(min_length=1)]
    row: int
    protocol: str = ""
    model: str | None = None
    unit: Annotated[int, Field(ge=0, le=255)] | None = None
    function: Function | None = None
    line: LineSettings | None = None
    peak_power: Positive | None = None
    tilt: Annotated[float, Field(ge=0, le=90)] = 30.0
    azimuth: Annotated[float, Field(ge=0, le=360)] = 180.0
    capacity: Positive | None = None
    soc: Percent | None = None
    phase: Literal[1, 2, 3] = 1
    car: Positive | None = None
    hot_water: Positive | None = None
    of: tuple[str, ...] = ()
    storage: str = ""
    patterns: dict[str, Percent] = {}

    @field_validator("patterns")
    @classmethod
    def _contacts(cls, patterns: dict[str, float]) -> dict[str, float]:
        for pattern in patterns:
            if len(pattern) != 4 or set(pattern) - {"0", "1"}:
                raise ValueError(f"K1 to K4 as four digits 0 or 1, not {pattern!r}")
        return patterns

    @property
    def wiring(self) -> Wiring:
        """Where it is reached, as the physical rig takes it."""
        serial = self.protocol in ("modbus-rtu", "sml")
        factory = factory_settings(driver_for(self.row, self.protocol)) if serial else SerialSettings()
        return (self.line or LineSettings()).wiring(factory)

    def ripple(self) -> RippleTable:
        """The limits behind the contact patterns; the classic four steps when none are given."""
        found = {_pattern(digits): percent for digits, percent in self.patterns.items()}
        return RippleTable(found) if found else RippleTable()


class Place(Strict):
    """The house itself. `annual_load` in Wh, `fuse` in A a phase, `firmware` the HEM level."""

    name: str = "house"
    latitude: Annotated[float, Field(ge=-90, le=90)] = 52.5
    longitude: Annotated[float, Field(ge=-180, le=180)] = 13.4
    altitude: float = 40.0
    annual_load: Positive = 4_000_000.0
    fuse: Positive = 35.0
    firmware: str = "3.0.0"


class Site(Strict):
    """A site file, checked. Devices have protocol, model and function filled in."""

    file: str = ""
    site: Place = Place()
    device: Annotated[tuple[DeviceSettings, ...], Field(min_length=1)]

    @property
    def level(self) -> Level:
        return Level.parse(self.site.firmware)

    def of_function(self, function: Function) -> tuple[DeviceSettings, ...]:
        return tuple(each for each in self.device if each.function == function)

    def ripple(self) -> RippleTable:
        """The table of the site's ripple control receiver; the classic one without."""
        receivers = self.of_function("ripple")
        return receivers[0].ripple() if receivers else RippleTable()


def load(path: str | Path) -> Site:
    """Read a site file; ConfigurationError with file, key path and expectation when it cannot be used."""
    file = str(path)
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", file=file) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"is no TOML: {error}", file=file) from error
    return check(data, file)


def check(data: dict[str, Any], file: str = "") -> Site:
    """The site that parsed TOML describes."""
    try:
        site = Site.model_validate({**data, "file": file})
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigurationError(_expectation(first), file=file, key=_path(first["loc"])) from error
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
    try:
        Level.parse(site.site.firmware)
    except ConfigurationError as error:
        raise ConfigurationError(error.expectation, file=file, key="site.firmware") from error
    return site.model_copy(update={"device": tuple(devices)})


def _completed(device: DeviceSettings, others: Sequence[DeviceSettings]) -> DeviceSettings:
    """With protocol, model and function filled in from the list, and checked against it."""
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
    model = listed.variant(device.model).name
    return device.model_copy(update={"protocol": protocol, "function": function, "model": model})


def lines(site: Site) -> list[tuple[Line, list[DeviceSettings]]]:
    """The physical lines of a site with the devices on each: those on one serial device share its line."""
    shared = Shared()
    found: dict[object, tuple[Line, list[DeviceSettings]]] = {}
    for number, device in enumerate(site.device):
        key = f"device[{number}].line"
        if device.line is None:
            raise ConfigurationError("is missing: where the device is reached", file=site.file, key=key)
        wiring = device.wiring
        bus: object = (device.protocol, wiring.device) if wiring.device else number
        if bus in found:
            first = found[bus][1][0]
            if first.wiring != wiring:
                raise ConfigurationError(f"the same settings as {first.name} on the same line", file=site.file, key=key)
            found[bus][1].append(device)
            continue
        try:
            line = line_for(device.protocol, wiring, shared=shared)
        except ConfigurationError as error:
            raise ConfigurationError(error.expectation, file=site.file, key=f"device[{number}].{error.key}") from error
        found[bus] = (line, [device])
    return list(found.values())


def members(site: Site, lines: Sequence[tuple[Line, Sequence[DeviceSettings]]], clock: Clock) -> list[list[Member]]:
    """What `controller.hem.Hem` takes: the site's devices, grouped by line, under the rules of the list's remarks."""
    places = [
        rules.Place(
            each.name, each.row, each.protocol, each.function or "other", each.storage,
            (each.line.parity or "") if each.line else "",
        )
        for each in site.device
    ]  # fmt: skip
    try:
        rules.check(places)
    except ConfigurationError as error:
        raise ConfigurationError(error.expectation, file=site.file, key=error.key) from error
    metered = any(place.function in rules.METERS for place in places)
    found = [[_member(site, each, line, clock) for each in devices] for line, devices in lines]
    for group in found:
        for each in group:
            each.forbidden = rules.forbidden(each.row, metered)
    return found


def _member(site: Site, device: DeviceSettings, line: Line, clock: Clock) -> Member:
    return member(
        device.name, device.row, device.protocol, device.function or "other", line, clock, site.level,
        unit=device.unit, model=device.model,
    )  # fmt: skip


def _pattern(digits: str) -> Pattern:
    one, two, three, four = (digit == "1" for digit in digits)
    return (one, two, three, four)


def _path(location: tuple[int | str, ...]) -> str:
    """`("device", 2, "line", "port")` as device[2].line.port."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _expectation(error: Any) -> str:
    """What pydantic expected, with what it found."""
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "extra_forbidden":
        return "is no known key"
    message = str(error["msg"]).removeprefix("Value error, ")
    found = error.get("input")
    return message if isinstance(found, dict | list | tuple) else f"{message}, found {found!r}"

"""Bench files: which devices stand on a bench, which of them are real, and what may be done to each.

TOML, checked by pydantic. Every mistake is a `ConfigurationError` with file, key path and what was expected.

    [bench]     name, journal (file, BENCH.journal without), recording (file, none without), patience (s without a sign
                of the runner after which the dead man acts), timeout (s that an answer is waited for), waits (s that a
                story may wait for what a device does by itself), coordinator (labgrid's, HOST:PORT)
    [[place]]   name, row, protocol, model, unit, options (how its emulator is built), device = "real" or "emulated"
                wired: name of the meter's place that measures it; truth: what an instrument beside it shows
                of a real one also line (as in a site file), serial and firmware as it tells them, nameless = true where
                it tells neither, leave: raw registers that are put back where the device does not let them be read,
                relays: board, k1, k2 as in a site file; labgrid: name of the labgrid place that is acquired for it
    [place.envelope]   what may be written; without it nothing may
"""

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from controller.compatibility.rows import row
from controller.drivers.serving import driver_for
from controller.errors import ConfigurationError
from controller.settings import NotNegative, Positive, Relays, Strict
from controller.sitefile import DeviceSettings, LineSettings
from controller.tomlfile import checked, toml
from rigs.choose import equipment, spoken

Span = tuple[int, int]
Word = Annotated[int, Field(ge=0, le=0xFFFF)]


def _simple(told: Any) -> Any:
    parts = told if isinstance(told, list) else [told]
    if not all(isinstance(each, str | int | float) for each in parts):
        raise ValueError(f"a text, a number, true or false, or a list of them, not {told!r}")
    return told


Option = Annotated[str | int | float | bool | list[str | int | float], BeforeValidator(_simple)]


class EnvelopeSettings(Strict):
    """What may be written to a real device. What is not limited here may not be set at all.

    `power` (W) and `current` (A) are the least and the most, in the signs of the house: a battery that may only be
    charged has power = [-3000, 0]. `soc` (%): outside it the battery is not discharged, or not charged, further.
    `rate`: most change of a power setpoint in W for each second since the last one; `current_rate` in A.
    `forbidden`: registers ("40200-40299" or 42109). `flash_per_day`: writes to what wears. `hours`: local time.
    `functions`: Modbus functions beyond 5, 6, 15 and 16 that may pass, such as a maker's login. `states`: what a heat
    pump may be asked for by its SG Ready contacts.
    """

    power: tuple[float, float] | None = None
    current: tuple[NotNegative, NotNegative] | None = None
    soc: tuple[float, float] = (0.0, 100.0)
    rate: Positive | None = None
    current_rate: Positive | None = None
    writes_per_minute: Annotated[int, Field(ge=1)] = 60
    flash_per_day: Annotated[int, Field(ge=0)] = 0
    forbidden: tuple[Span, ...] = ()
    hours: tuple[tuple[time, time], ...] = ()
    functions: tuple[Annotated[int, Field(ge=1, le=127)], ...] = ()
    states: tuple[Literal["locked", "normal", "raised", "forced"], ...] = ()

    @field_validator("power", "current", "soc")
    @classmethod
    def _ordered(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and value[0] > value[1]:
            raise ValueError(f"the least before the most, not {list(value)}")
        return value

    @field_validator("forbidden", mode="before")
    @classmethod
    def _spans(cls, value: Any) -> Any:
        return [_span(each) for each in value] if isinstance(value, list) else value

    @field_validator("hours", mode="before")
    @classmethod
    def _hours(cls, value: Any) -> Any:
        return [_between(each) for each in value] if isinstance(value, list) else value


class PlaceSettings(Strict):
    """One device of the bench."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.-]*$")]
    row: int
    protocol: str = ""
    model: str | None = None
    unit: Annotated[int, Field(ge=0, le=255)] | None = None
    options: dict[str, Option] = Field(default_factory=dict)
    device: Literal["real", "emulated"] = "emulated"
    line: LineSettings | None = None
    serial: str = ""
    firmware: str = ""
    nameless: bool = False
    wired: str = ""
    truth: dict[str, float | bool | str] = Field(default_factory=dict)
    leave: dict[str, tuple[Word, ...]] = Field(default_factory=dict)
    relays: Relays = Relays()
    labgrid: str = ""
    envelope: EnvelopeSettings | None = None

    @property
    def real(self) -> bool:
        return self.device == "real"

    @property
    def as_device(self) -> DeviceSettings:
        """The place as a site file has it, for whoever opens lines."""
        return DeviceSettings(
            name=self.name, row=self.row, protocol=self.protocol, model=self.model, unit=self.unit, line=self.line
        )

    @field_validator("leave")
    @classmethod
    def _registers(cls, value: dict[str, Any]) -> dict[str, Any]:
        for register in value:
            if not register.isdigit() or int(register) > 0xFFFF:
                raise ValueError(f"registers by their number on the wire, not {register!r}")
        return value


class About(Strict):
    """The bench itself."""

    name: str = "bench"
    journal: str = ""
    recording: str = ""
    patience: Positive = 5.0
    timeout: Positive | None = None
    waits: Positive = 60.0
    coordinator: str = ""


class Bench(Strict):
    """A whole bench file. `file` is where it was read."""

    bench: About = About()
    place: Annotated[tuple[PlaceSettings, ...], Field(min_length=1)]
    file: str = ""

    @property
    def journal(self) -> Path:
        """Where is kept what the devices held."""
        here = Path(self.file)
        return here.parent / self.bench.journal if self.bench.journal else here.with_suffix(".journal")

    @property
    def real(self) -> tuple[PlaceSettings, ...]:
        return tuple(each for each in self.place if each.real)

    def at(self, name: str) -> PlaceSettings:
        """The place of this name; ConfigurationError names those there are."""
        found = next((each for each in self.place if each.name == name), None)
        if found is None:
            known = ", ".join(each.name for each in self.place)
            raise ConfigurationError(f"no place {name!r}, there are {known}", file=self.file, key="place")
        return found


def load(path: str | Path) -> Bench:
    """A bench file, checked; ConfigurationError names file, key and what was expected."""
    file = str(path)
    bench = checked(Bench, toml(path), file)
    names = [each.name for each in bench.place]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigurationError(f"each name once, {twice[0]!r} is there more often", file=file, key="place.name")
    places = tuple(_completed(each, f"place[{number}]", bench) for number, each in enumerate(bench.place))
    return bench.model_copy(update={"place": places})


def _completed(place: PlaceSettings, key: str, bench: Bench) -> PlaceSettings:
    """With the row's first protocol and model; ConfigurationError for what cannot be."""

    def wrong(what: str, expectation: str) -> ConfigurationError:
        return ConfigurationError(expectation, file=bench.file, key=f"{key}.{what}")

    try:
        model = row(place.row).variant(place.model).name
        protocol = spoken(place.row, place.protocol or None)
        driver_for(place.row, protocol)
        options = equipment(place.row, protocol, place.options, model=model, unit=place.unit)
    except ConfigurationError as error:
        raise wrong(error.key or "row", error.expectation) from error
    if place.wired and place.wired not in {each.name for each in bench.place if each.name != place.name}:
        raise wrong("wired", f"the name of another place, not {place.wired!r}")
    if not place.real:
        for name in ("line", "serial", "firmware", "nameless", "leave", "envelope"):
            if getattr(place, name):
                raise wrong(name, 'is for a real device; this place is device = "emulated"')
    elif place.line is None:
        raise wrong("line", "is missing: where the device is reached")
    elif place.envelope and not (place.serial or place.firmware or place.nameless):
        raise wrong(
            "serial", "is missing: who may be written to; nameless = true of a device that tells no number or firmware"
        )
    return place.model_copy(update={"protocol": protocol, "model": model, "options": options})


def _span(told: Any) -> Span:
    if isinstance(told, int) and not isinstance(told, bool):
        return told, told
    found = re.fullmatch(r"(\d+)\s*-\s*(\d+)", told) if isinstance(told, str) else None
    if found is None or int(found[1]) > int(found[2]):
        raise ValueError(f'registers as 42109 or "40200-40299", not {told!r}')
    return int(found[1]), int(found[2])


def _between(told: Any) -> tuple[time, time]:
    found = re.fullmatch(r"(\d\d:\d\d)\s*-\s*(\d\d:\d\d)", told) if isinstance(told, str) else None
    try:
        assert found is not None
        return time.fromisoformat(found[1]), time.fromisoformat(found[2])
    except (AssertionError, ValueError) as error:
        raise ValueError(f'hours as "08:00-18:00", not {told!r}') from error

"""Adapters: how a controller that is not ours is configured, started and asked, and which rows it claims.

    name, version, patience (s until it is ready), period (s within which it takes a step: what is waited for is counted
    in periods)
    fuse (A a phase at the grid connection, 35 without)
    start_after, stop_after (s for which enough, or too little, is left over before it starts a car or pauses one)
    command = ["perl", "{here}/controller.pl", "{config}"]     {here}: the adapter's folder, {work}: a folder of
                                        the run, {bin}: where this hem and its python are, {api}: a TCP port that
                                        nobody has
    ready = "running"                   a regular expression on a line of its stdout; without it: when it is started
    [house]                             rows of the house: pv, battery, meter, wallbox, each { row, protocol, model,
                                        unit, port, options }; port: where it stands, without it where its protocol has
                                        it; options: how its emulator is built
    [configuration]                     file: its name; text: its template; one text a row under `rows`
    [asks.limit.30] files = { limit = "30" }    what is written where to have the house feed at most 30 % of its PV
    [asks.release]  files = { limit = "" }
    [asks.mode.surplus]                 how a car is charged: `surplus` with what the sun leaves, `full` as fast as it
                                        may; here also mode = "pv": what stands for {mode} when it is configured
    [asks.mode.full] http = [{ method = "POST", url = "http://127.0.0.1:{api}/mode/now", body = "" }]

Placeholders of a text: {pv}, {battery}, {meter}, {wallbox} stand for the device's own text of `configuration.rows`, in
which {host}, {port}, {device} (a pty), {unit}, {name}, {model} and {rated_power} (W) are the device's; {fuse}, {mode}.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from controller.compatibility.rows import row
from controller.errors import ConfigurationError
from controller.settings import NotNegative, Positive, Strict
from controller.tomlfile import checked, toml
from rigs.bench.benchfile import Option
from rigs.choose import equipment, spoken

Role = Literal["pv", "battery", "meter", "wallbox"]
ROLES: tuple[Role, ...] = ("pv", "battery", "meter", "wallbox")


class Standing(Strict):
    """One device of the house."""

    row: int
    protocol: str = ""
    model: str | None = None
    unit: int | None = None
    port: Annotated[int, Field(ge=1, le=0xFFFF)] | None = None
    options: dict[str, Option] = Field(default_factory=dict)


class Configuration(Strict):
    """The file that the controller reads. `rows`: what it says of a device, by the number of its row."""

    file: str = "controller.conf"
    text: str
    rows: dict[str, str] = Field(default_factory=dict)


class HttpRequest(Strict):
    """One request to the controller."""

    url: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    body: str = ""


class Ask(Strict):
    """What is asked of the controller: files of the run's folder and what is written into each, requests to its API.

    `mode`: what stands for {mode} in its configuration.
    """

    files: dict[str, str] = Field(default_factory=dict)
    http: tuple[HttpRequest, ...] = ()
    mode: str = ""


class Asks(Strict):
    """`limit`: by the percentage of the PV's rating that may be fed; `release`: all of it; `mode`: how to charge."""

    limit: dict[str, Ask] = Field(default_factory=dict)
    release: Ask | None = None
    mode: dict[Literal["surplus", "full"], Ask] = Field(default_factory=dict)

    @field_validator("limit")
    @classmethod
    def _percent(cls, value: dict[str, Ask]) -> dict[str, Ask]:
        for each in value:
            if not each.isdigit() or int(each) > 100:
                raise ValueError(f"0 to 100 (%), not {each!r}")
        return value


class Adapter(Strict):
    """One controller. `claims`: rows of the list; `file`: where this was read."""

    name: Annotated[str, Field(min_length=1)]
    version: str = ""
    command: Annotated[tuple[str, ...], Field(min_length=1)]
    ready: str = ""
    patience: Positive = 20.0
    period: Positive = 1.0
    fuse: Positive = 35.0
    start_after: NotNegative = 0.0
    stop_after: NotNegative = 0.0
    claims: tuple[int, ...]
    house: dict[Role, Standing]
    configuration: Configuration
    asks: Asks = Asks()
    file: str = ""

    @field_validator("ready")
    @classmethod
    def _expression(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"a regular expression: {error}") from error
        return value

    @field_validator("house")
    @classmethod
    def _whole(cls, value: dict[str, Standing]) -> dict[str, Standing]:
        if "meter" not in value or "pv" not in value:
            raise ValueError("a meter and a pv at least")
        return value


def load(path: str | Path) -> Adapter:
    """An adapter file, checked; ConfigurationError names file, key and what was expected."""
    adapter = checked(Adapter, toml(path), str(path))
    house: dict[Role, Standing] = {}
    for role, standing in adapter.house.items():
        house[role] = _listed(standing, f"house.{role}", adapter)
    return adapter.model_copy(update={"house": house})


def _listed(standing: Standing, key: str, adapter: Adapter) -> Standing:
    """With protocol and model of the list; ConfigurationError for what the list or the adapter has not."""
    try:
        model = row(standing.row).variant(standing.model).name
        protocol = spoken(standing.row, standing.protocol or None)
        options = equipment(standing.row, protocol, standing.options, model=model, unit=standing.unit)
    except ConfigurationError as error:
        raise ConfigurationError(error.expectation, file=adapter.file, key=f"{key}.{error.key}") from error
    if standing.row not in adapter.claims:
        raise ConfigurationError(f"a row that it claims, not {standing.row}", file=adapter.file, key=f"{key}.row")
    if str(standing.row) not in adapter.configuration.rows:
        raise ConfigurationError("is missing", file=adapter.file, key=f"configuration.rows.{standing.row}")
    return standing.model_copy(update={"protocol": protocol, "model": model, "options": options})


def configured(adapter: Adapter, devices: dict[str, dict[str, Any]], here: dict[str, str]) -> str:
    """The text of the configuration; `devices`: what is known of each, by its role."""
    parts = {}
    for role in ROLES:
        standing = adapter.house.get(role)
        text = adapter.configuration.rows[str(standing.row)] if standing is not None else ""
        parts[role] = filled(text, {name: str(value) for name, value in devices.get(role, {}).items()} | here)
    return filled(adapter.configuration.text, parts | here)


def filled(text: str, values: dict[str, str]) -> str:
    """A text with its placeholders filled; other braces stay as they are."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text

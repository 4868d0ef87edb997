"""Reads or commands one real device once, or watches it: a line, a driver, and the line is closed again."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, TypeVar

from controller.compatibility.rows import row
from controller.devices import Identity
from controller.drivers.serving import driver_for
from controller.errors import ConfigurationError, DeviceError
from rigs.channels import check_serial
from rigs.physical import RealClock, Wiring, factory_settings, hang_up, line_for
from rigs.sent import Sent, Tap, sent
from rigs.sites import asks

T = TypeVar("T")
Say = Callable[[dict[str, Any]], None]
SERIAL = {"modbus-rtu", "sml"}
COMMANDS = {
    "limit_power": "W", "charge": "W", "discharge": "W", "limit_current": "A", "set_power": "W", "pause": "",
    "release": "",
}  # fmt: skip
LEAST_CURRENT = 6.0  # A, IEC 61851-1: below it a vehicle pauses
EVERYBODY_HERE = "127.0.0.0/8"  # who may ask us, where the device is the one that asks
SAME = 0.015  # share by which a device may round what it is told


@dataclass(frozen=True, slots=True)
class Where:
    """Which row's device is meant and how it is reached. `meter`: serial number of one of several on a line.

    `token`: a customer's key of a service.
    """

    row: int
    protocol: str | None = None
    host: str = ""
    port: int | None = None
    serial: str = ""
    unit: int | None = None
    meter: str = ""
    any_transaction: bool = False
    token: str = ""


def read(where: Where) -> dict[str, Any]:
    """Identity and reading of a device, as plain data, with what is odd about its values and its line."""

    async def ask(driver: Any, tap: Tap) -> dict[str, Any]:
        return await _told(where, await driver.identify(), driver, tap)

    return _with_driver(where, ask)


def watch(where: Where, say: Say, complain: Callable[[DeviceError], None], pause: float = 2.0) -> None:
    """Read again and again, `pause` s apart, until `say` raises; what fails is told to `complain`, and tried again."""

    async def look(driver: Any, tap: Tap) -> None:
        identity: Identity | None = None
        while True:
            try:
                identity = identity or await driver.identify()
                say(await _told(where, identity, driver, tap))
            except DeviceError as error:
                complain(error)
                driver.lost()
            await asyncio.sleep(pause)

    _with_driver(where, look)


def write(where: Where, command: str, value: float | None) -> str:
    """Give one command; what was sent and why it is that, in a line."""
    if value is not None and not (isfinite(value) and value >= 0):
        raise ConfigurationError(f"{command} takes 0 {COMMANDS[command]} or more, not {value:g}", key="write")

    async def tell(driver: Any, tap: Tap) -> str:
        order = getattr(driver, command, None)
        if order is None:
            offered = [name for name in COMMANDS if hasattr(driver, name)]
            raise ConfigurationError(
                f"row {where.row} takes {', '.join(offered) or 'no command, it is only read'}, not {command}",
                key="write",
            )
        identity = await driver.identify()
        tap.forget()
        await (order() if value is None else order(value))
        return explained(identity, command, value, await sent(driver, tap))

    return _with_driver(where, tell)


def explained(identity: Identity, command: str, value: float | None, told: list[Sent]) -> str:
    """One line: the device, what was asked, what was sent, and why that differs."""
    asked = command if value is None else f"{command} {value:g} {COMMANDS[command]}"
    rated = identity.rated_power
    words = [
        f"{each} ({each.value / 100 * rated:g} W)"
        if rated and each.value is not None and each.unit == "%"
        else str(each)
        for each in told
    ]
    line = f"{identity.manufacturer} {identity.model}: {asked} done, sent {', '.join(words) or 'nothing: it stands so'}"
    why = "" if value is None else _why(identity, command, value, told)
    return f"{line}; {why}" if why else line


def _why(identity: Identity, command: str, value: float, told: list[Sent]) -> str:
    """Why something else was sent than was asked for; empty when it was that."""
    rated, unit = identity.rated_power, COMMANDS[command]
    values = [abs(each.value) for each in told if each.value is not None and each.unit == unit]
    values += [abs(each.value) / 100 * rated for each in told if each.value is not None and each.unit == "%" and rated]
    if command == "limit_current" and value < LEAST_CURRENT:
        return f"below {LEAST_CURRENT:g} A a vehicle cannot charge: it pauses"
    if not values or any(abs(each - value) <= max(SAME * value, 1.0 if unit == "W" else 0.1) for each in values):
        return ""
    most = max(each for each in values)
    if unit == "W" and rated and value > rated:
        return f"not {value:g} W: the device is rated {rated:g} W"
    return f"not {value:g} {unit}: " + ("that is the most it takes" if most < value else "that is what it can be told")


async def _told(where: Where, identity: Identity, driver: Any, tap: Tap) -> dict[str, Any]:
    reading = dict(await driver.read())
    return {
        "row": where.row, "identity": asdict(identity), "reading": reading,
        "doubts": dict(getattr(driver, "doubts", {})), "notices": tap.notices,
    }  # fmt: skip


def _with_driver(where: Where, action: Callable[[Any, Tap], Awaitable[T]]) -> T:
    listed = row(where.row)
    wire = where.protocol or listed.protocols[0]
    if wire not in listed.protocols:
        raise ConfigurationError(
            f"row {where.row} speaks {' or '.join(listed.protocols)}, not {wire!r}", key="protocol"
        )
    if wire in SERIAL and not where.serial:
        raise ConfigurationError(f"{wire} needs --serial DEVICE", key="serial")
    if where.serial:
        check_serial(where.serial, "serial")
    if wire not in SERIAL and not where.host and not (wire == "udp" and where.serial):
        raise ConfigurationError(f"{wire} needs --host", key="host")
    make: Any = driver_for(where.row, wire)
    chosen = {"serial": where.meter} if where.meter else {}
    chosen |= {"token": where.token} if where.token else {}
    taken = inspect.signature(make).parameters
    if where.meter and "serial" not in taken:
        raise ConfigurationError(f"row {where.row} is not told by a serial number", key="meter")
    if where.token and "token" not in taken:
        raise ConfigurationError(f"row {where.row} asks for no key", key="token")

    async def run() -> T:
        settings = asdict(factory_settings(make))
        control = f"{where.host}:{where.port}" if wire == "contacts" and where.port else ""
        port = where.port or getattr(make, "default_port", None)
        wiring = Wiring(
            host=where.host, port=port, device=where.serial, control=control,
            any_transaction=where.any_transaction, allow=(EVERYBODY_HERE,) if asks(where.row) else (), **settings,
        )  # fmt: skip
        line = line_for(wire, wiring)
        tap = Tap(line)
        try:
            return await action(make(tap, RealClock(), where.unit, row=where.row, model=None, **chosen), tap)
        finally:
            await hang_up(line)

    return asyncio.run(run())

"""Reads or commands one real device once: a line, a driver, one exchange of words, and the line is closed again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, TypeVar

from controller.compatibility.rows import row
from controller.drivers.serving import driver_for
from controller.errors import ConfigurationError
from rigs.channels import check_serial
from rigs.physical import RealClock, Wiring, factory_settings, hang_up, line_for

T = TypeVar("T")
SERIAL = {"modbus-rtu", "sml"}


def read(
    number: int, protocol: str | None, host: str, port: int | None, serial: str, unit: int | None
) -> dict[str, Any]:
    """Identity and reading of a device, as plain data."""

    async def ask(driver: Any) -> dict[str, Any]:
        identity = await driver.identify()
        reading = await driver.read()
        return {"row": number, "identity": asdict(identity), "reading": dict(reading)}

    return _with_driver(number, protocol, host, port, serial, unit, ask)


def write(
    number: int, protocol: str | None, host: str, port: int | None, serial: str, unit: int | None, command: str,
    value: float | None,
) -> str:  # fmt: skip
    """Give one command; what was done, in a line."""

    async def tell(driver: Any) -> str:
        order = getattr(driver, command, None)
        if order is None:
            offered = [name for name in _COMMANDS if hasattr(driver, name)]
            raise ConfigurationError(
                f"row {number} takes {', '.join(offered) or 'no command, it is only read'}, not {command}", key="write"
            )
        identity = await driver.identify()
        await (order() if value is None else order(value))
        return f"{identity.manufacturer} {identity.model}: {command}{'' if value is None else f' {value:g}'} done"

    return _with_driver(number, protocol, host, port, serial, unit, tell)


_COMMANDS = ("limit_power", "charge", "discharge", "limit_current", "pause", "set_power", "release")


def _with_driver(
    number: int, protocol: str | None, host: str, port: int | None, serial: str, unit: int | None,
    action: Callable[[Any], Awaitable[T]],
) -> T:  # fmt: skip
    listed = row(number)
    wire = protocol or listed.protocols[0]
    if wire not in listed.protocols:
        raise ConfigurationError(f"row {number} speaks {' or '.join(listed.protocols)}, not {wire!r}", key="protocol")
    if wire in SERIAL and not serial:
        raise ConfigurationError(f"{wire} needs --serial DEVICE", key="serial")
    if serial:
        check_serial(serial, "serial")
    if wire not in SERIAL and not host:
        raise ConfigurationError(f"{wire} needs --host", key="host")
    make: Any = driver_for(number, wire)

    async def run() -> T:
        settings = asdict(factory_settings(make))
        control = f"{host}:{port}" if wire == "contacts" and port else ""
        line = line_for(wire, Wiring(host=host, port=port, device=serial, control=control, **settings))
        try:
            return await action(make(line, RealClock(), unit, row=number, model=None))
        finally:
            await hang_up(line)

    return asyncio.run(run())

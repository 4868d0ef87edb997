"""Where the devices of a site are reached: its physical lines, those on one serial device together."""

from dataclasses import asdict, replace

from controller.compatibility.rows import row
from controller.drivers.serving import driver_for
from controller.errors import ConfigurationError
from controller.ports import Line, SerialSettings
from controller.sitefile import DeviceSettings, LineSettings, Site
from rigs.physical import Shared, Wiring, factory_settings, line_for
from rigs.physical_listening import LOOPBACK


def wiring_of(device: DeviceSettings) -> Wiring:
    """Where a device is reached; what is not said of a serial line is as its maker delivers it."""
    serial, driver = device.protocol in ("modbus-rtu", "sml"), driver_for(device.row, device.protocol)
    factory = factory_settings(driver) if serial else SerialSettings()
    said = {name: value for name, value in (device.line or LineSettings()).model_dump().items() if value is not None}
    wiring = Wiring(**{**asdict(factory), "port": getattr(driver, "default_port", None), **said})
    return replace(wiring, allow=wiring.allow or (LOOPBACK,)) if asks(device.row) else replace(wiring, allow=())


def asks(number: int) -> bool:
    """Whether a row's device is the one that asks, so that we have to listen."""
    return row(number).section == "direct-marketing"


def lines(site: Site) -> list[tuple[Line, list[DeviceSettings]]]:
    """The physical lines of a site with the devices on each: those on one serial device share its line."""
    shared = Shared()
    found: dict[object, tuple[Line, list[DeviceSettings]]] = {}
    for number, device in enumerate(site.device):
        key = f"device[{number}].line"
        if device.line is None:
            raise ConfigurationError("is missing: where the device is reached", file=site.file, key=key)
        wiring = wiring_of(device)
        bus: object = (device.protocol, wiring.device) if wiring.device else number
        if bus in found:
            first = found[bus][1][0]
            if wiring_of(first) != wiring:
                raise ConfigurationError(f"the same settings as {first.name} on the same line", file=site.file, key=key)
            found[bus][1].append(device)
            continue
        try:
            line = line_for(device.protocol, wiring, shared=shared)
        except ConfigurationError as error:
            raise ConfigurationError(error.expectation, file=site.file, key=f"device[{number}].{error.key}") from error
        found[bus] = (line, [device])
    return list(found.values())

"""The control API of emulated devices: their truth, what was written to them, faults, and what a person there does.

FastAPI; OpenAPI at /docs. An unknown device, quantity, fault or action is a 4xx that names what there is.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Body, FastAPI, HTTPException

from emulators.faults.known import CATALOGUE, UnknownFault
from emulators.wires.device import Device
from twin.model import UnknownQuantity

Flat = dict[str, Any]


def application(devices: Sequence[Device]) -> FastAPI:
    """The API over these devices."""
    app = FastAPI(title="hemtwin emulated devices", version="1")
    known = {device.id: device for device in devices}

    def find(name: str) -> Device:
        if name not in known:
            raise HTTPException(404, f"no device {name!r}, there are {', '.join(known)}")
        return known[name]

    @app.get("/devices")
    async def listed() -> list[Flat]:
        """Every device here."""
        return [
            {
                "id": device.id, "row": device.row, "model": device.model, "protocol": device.protocol,
                "address": device.address, "unit": device.unit, "faults": device.faults.active,
                "operator": sorted(device.operator),
            }
            for device in devices
        ]  # fmt: skip

    @app.get("/devices/{name}/truth")
    async def truth(name: str) -> Flat:
        """Quantities as they are now."""
        device = find(name)
        device.wake()
        return device.twin.truth()

    @app.patch("/devices/{name}/truth")
    async def change(name: str, values: Annotated[Flat, Body()]) -> Flat:
        """Set quantities. All of them, or none when one is unknown or of the wrong type."""
        device = find(name)
        device.wake()
        try:
            set_truth(device, values)
        except (UnknownQuantity, ValueError) as error:
            raise HTTPException(422, str(error)) from error
        return device.twin.truth()

    @app.get("/devices/{name}/writes")
    async def writes(name: str) -> list[Flat]:
        """What was written on the wire, oldest first."""
        return [
            {**asdict(write), "raw": _plain(write.raw), "value": _plain(write.value)} for write in find(name).writes
        ]

    @app.post("/devices/{name}/faults")
    async def break_it(name: str, fault: Annotated[Flat, Body()]) -> Flat:
        """Switch a fault on: {"fault": name, parameter: value, ...}."""
        device = find(name)
        parameters = dict(fault)
        kind = parameters.pop("fault", parameters.pop("name", None))
        if not isinstance(kind, str):
            raise HTTPException(422, f'"fault" is missing, known are {", ".join(CATALOGUE)}')
        try:
            break_device(device, kind, **parameters)
        except UnknownFault as error:
            raise HTTPException(422, str(error)) from error
        return device.faults.active

    @app.delete("/devices/{name}/faults/{fault}")
    async def mend(name: str, fault: str) -> Flat:
        """Switch a fault off; 404 when it is not on."""
        device = find(name)
        if fault not in device.faults:
            raise HTTPException(404, f"fault {fault!r} is not on")
        device.faults.off(fault)
        return device.faults.active

    @app.post("/devices/{name}/operator/{action}")
    async def act(name: str, action: str, values: Annotated[Flat | None, Body()] = None) -> Flat:
        """Do what only a person at the device can do."""
        device = find(name)
        if action not in device.operator:
            raise HTTPException(404, f"no action {action!r}, there are {', '.join(sorted(device.operator)) or 'none'}")
        try:
            operate(device, action, **(values or {}))
        except TypeError as error:
            raise HTTPException(422, f"{action}: {error}") from error
        return device.twin.truth()

    return app


def set_truth(device: Device, values: Flat) -> None:
    """Set quantities of a device. UnknownQuantity or ValueError before anything is changed."""
    quantities = device.twin.quantities
    for name, value in values.items():
        if name not in quantities:
            raise UnknownQuantity(name, sorted(quantities))
        now = getattr(device.twin, name)
        if isinstance(now, bool) != isinstance(value, bool) and now is not None and value is not None:
            raise ValueError(
                f"{name} is {'true or false' if isinstance(now, bool) else 'not a truth value'}: {value!r}"
            )
        if isinstance(now, int | float) and not isinstance(value, int | float | None):
            raise ValueError(f"{name} is a number, not {value!r}")
    for name, value in values.items():
        device.twin.set(name, value)


def break_device(device: Device, fault: str, **parameters: Any) -> None:
    """Switch a fault on, with what it does at once; UnknownFault names those there are."""
    device.faults.on(fault, **parameters)
    if fault in ("reboot", "connect-refused", "connections-taken") and device.endpoint is not None:
        device.endpoint.drop_all()
    if fault in ("reboot", "enable-lost"):
        device.restart()


def operate(device: Device, action: str, **values: Any) -> None:
    """Do what only a person at the device can do."""
    device.wake()
    device.operator[action](**values)
    device.twin.changed()


def parsed(text: str) -> tuple[str, Any]:
    """`quantity=value` of --set: numbers, true, false, none, or text."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ValueError(f"{text!r} is not quantity=value")
    lowered = value.strip().lower()
    if lowered in ("true", "false"):
        return name.strip(), lowered == "true"
    if lowered in ("none", "null", ""):
        return name.strip(), None
    try:
        return name.strip(), float(value)
    except ValueError:
        return name.strip(), value.strip()


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes | bytearray) else value

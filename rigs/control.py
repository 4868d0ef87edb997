"""The control API of emulated devices: their truth, what was written to them, faults, and what a person there does.

FastAPI; OpenAPI at /openapi.json and, for people, at /docs. An unknown device, quantity, fault or action is a 4xx that
names what there is.
"""

from collections.abc import Sequence
from dataclasses import asdict
from math import isfinite
from typing import Annotated, Any

from fastapi import Body, FastAPI, HTTPException
from fastapi.responses import HTMLResponse

from controller.service import api_page
from emulators.faults.known import UnfitFault
from emulators.wires.device import Device
from twin.model import UnknownQuantity
from twin.possible import impossible

Flat = dict[str, Any]


def application(devices: Sequence[Device]) -> FastAPI:
    """The API over these devices."""
    app = FastAPI(title="hemtwin emulated devices", version="1", docs_url=None, redoc_url=None)
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
                "possible_faults": sorted(device.possible), "operator": sorted(device.operator),
            }
            for device in devices
        ]  # fmt: skip

    @app.get("/devices/{name}/truth")
    async def truth(name: str) -> Flat:
        """Quantities as they are now."""
        device = find(name)
        device.wake()
        return _truth(device)

    @app.patch("/devices/{name}/truth")
    async def change(name: str, values: Annotated[Flat, Body()], force: bool = False) -> Flat:
        """Set quantities: all, or none when one is unknown, of the wrong type or, without `force`, impossible."""
        device = find(name)
        device.wake()
        try:
            set_truth(device, values, force=force)
        except (UnknownQuantity, ValueError) as error:
            raise HTTPException(422, str(error)) from error
        return _truth(device)

    @app.get("/devices/{name}/writes")
    async def writes(name: str) -> list[Flat]:
        """What was written on the wire, oldest first."""
        return [
            {**asdict(write), "raw": _plain(write.raw), "value": _plain(write.value)} for write in find(name).writes
        ]

    @app.post("/devices/{name}/faults")
    async def break_it(name: str, fault: Annotated[Flat, Body()]) -> Flat:
        """Switch a fault on: {"fault": name, parameter: value, ...}; one of the device's `possible_faults`."""
        device = find(name)
        parameters = dict(fault)
        kind = parameters.pop("fault", parameters.pop("name", None))
        if not isinstance(kind, str):
            can = ", ".join(sorted(device.possible)) or "none"
            raise HTTPException(422, f'"fault" is missing, {device.id} can have {can}')
        try:
            device.begin(kind, **parameters)
        except UnfitFault as error:
            raise HTTPException(422, str(error)) from error
        return device.faults.active

    @app.delete("/devices/{name}/faults/{fault}")
    async def mend(name: str, fault: str) -> Flat:
        """Switch a fault off; 404 when it is not on."""
        device = find(name)
        if fault not in device.faults:
            raise HTTPException(404, f"fault {fault!r} is not on")
        device.end(fault)
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
        return _truth(device)

    @app.get("/docs", include_in_schema=False)
    async def page() -> HTMLResponse:
        return HTMLResponse(api_page.page(app.openapi(), [device.id for device in devices]))

    return app


def set_truth(device: Device, values: Flat, *, force: bool = False) -> None:
    """Set quantities of a device. UnknownQuantity or ValueError before anything is changed.

    `force`: also to what physics does not allow, a state of charge of 150 % or no number at all.
    """
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
        if not force and (why := impossible(name, value)):
            raise ValueError(f"{why}; --force or ?force=true sets it all the same")
    for name, value in values.items():
        device.twin.set(name, value)


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


def _truth(device: Device) -> Flat:
    """The truth as JSON can carry it: what somebody has set to no number, or one without end, is a word."""
    return {
        name: str(value) if isinstance(value, float) and not isfinite(value) else value
        for name, value in device.twin.truth().items()
    }


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes | bytearray) else value

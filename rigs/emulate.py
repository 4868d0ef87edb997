"""Stands emulated devices on real sockets and ptys, with their control API, until somebody says stop."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from emulators.wires.device import Device
from rigs.choose import Place
from rigs.control import application
from rigs.lasting import gathered, settled
from rigs.loopback import Served, serve, told_to_end
from rigs.web import Server, bound

Say = Callable[[str], None]


async def stand(places: Sequence[Place], *, control: str, say: Say) -> None:
    """Serve each installation at its place and the control API at `control`; `say` gets one JSON line a device.

    The first line is said when everything stands. ConfigurationError when an address cannot be had.
    """
    served: list[Served] = []
    with contextlib.ExitStack() as stack:
        gate = stack.enter_context(contextlib.closing(bound(control)))
        try:
            for place in places:
                stands = await serve(place.installation, place.host, place.port, place.link, pace=place.pace)
                served.append(stands)  # one by one: those that stand are closed when one cannot
            devices = [device for place in places for device in place.installation.devices]
            told_end = told_to_end()
            server = Server(application(devices))
            api = asyncio.ensure_future(server.serve(sockets=[gate]))
            settled()
            gathered()
            where = "{}:{}".format(*gate.getsockname()[:2])
            for place, there in zip(places, served, strict=True):
                for device in place.shown or (place.installation.main,):
                    say(json.dumps(told(answering(there, device), device, where), ensure_ascii=False))
            await told_end.wait()
            server.should_exit = True
            await api
        finally:
            for each in served:
                await each.close()


def answering(place: Served, device: Device) -> Served:
    """Where a device answers: a charge point may have a port of its own."""
    return next((each for each in place.beyond if any(one is device for one in each.installation.devices)), place)


def told(place: Served, main: Device, control: str) -> dict[str, Any]:
    """What a program needs to find a device."""
    line: dict[str, Any] = {
        "row": main.row, "protocol": main.protocol, "model": main.model, "unit": main.unit, "id": main.id,
    }  # fmt: skip
    if place.pty:
        line["pty"] = place.pty
    elif place.port:
        line |= {"host": place.host, "port": place.port}
    if place.group:
        line["group"] = place.group
    return {**line, "control": control}

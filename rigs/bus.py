"""Several devices on one serial line: all hear every request, the one it is meant for answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from controller.errors import ConfigurationError
from emulators.family.build import Installation
from emulators.wires.wire import Endpoint, NoConnection, Out, Session
from rigs.serial_settings import agree


@dataclass
class BusSession:
    """The line as its master sees it."""

    members: list[tuple[Endpoint, Session]]

    def feed(self, data: bytes) -> list[Out]:
        out: list[Out] = []
        for endpoint, session in self.members:
            try:
                endpoint.gate()
            except NoConnection:  # this device is deaf, the others are not
                continue
            out += session.feed(data)
        return out

    def silence(self) -> None:
        """A pause on the line: what was begun is no frame."""
        for _, session in self.members:
            getattr(session, "silence", lambda: None)()


def bus_of(installations: Sequence[Installation]) -> Installation:
    """One serial line with these devices on it. ConfigurationError when settings or unit ids do not go together."""
    first = installations[0]
    if len(installations) == 1:
        return first
    units: dict[int, str] = {}
    for each in installations:
        if each.serial is not None and first.serial is not None:
            agree(each.serial, first.serial)
        main = each.main
        if main.unit in units:
            raise ConfigurationError(f"a unit id of its own: {units[main.unit]} has {main.unit} too", key="unit")
        units[main.unit] = main.model
    endpoints = [each.wire for each in installations]
    wire = Endpoint(lambda: BusSession([(each, each.open()) for each in endpoints]), first.main.clock)
    devices = [device for each in installations for device in each.devices]
    for device in devices:
        device.endpoint = wire
    return replace(first, devices=devices, wire=wire)

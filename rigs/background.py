"""Emulated devices on real sockets and ptys in a background thread, for programs that do not run asyncio themselves.

One thread with one event loop serves all devices; whatever touches a device runs there, so nothing needs a lock.
"""

import asyncio
import itertools
import os
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from controller.errors import ConfigurationError
from controller.sitefile import load
from emulators.family.build import Installation
from emulators.faults.known import UnfitFault
from emulators.wires.device import Device
from rigs import choose
from rigs.control import operate, set_truth
from rigs.estate import settle
from rigs.loopback import FIXED, Served, serve
from twin.model import UnknownQuantity

T = TypeVar("T")
_NETWORKS = itertools.count(1)


class Standing:
    """An emulated device that stands at `host` and `port`, or at the serial line `pty`.

    `others` are the devices behind it on the same wire, by id: a meter on an inverter, a second charging point.
    """

    def __init__(self, ground: "Ground", place: Served, device: Device) -> None:
        self._ground, self._device = ground, device
        self.row, self.protocol, self.model, self.unit = device.row, device.protocol, device.model, device.unit
        self.id, self.address = device.id, device.address
        self.host, self.port, self.pty, self.group = place.host, place.port, place.pty, place.group
        self.serial = place.installation.serial  # baud, parity and stop bits, None on sockets
        self.others: dict[str, Standing] = {}

    def truth(self) -> dict[str, Any]:
        """All quantities as they are now, an absent one as None."""

        def now() -> dict[str, Any]:
            self._device.wake()
            return dict(self._device.twin.truth())

        return self._ground.call(now)

    def set(self, **quantities: Any) -> None:
        """Set quantities, all or none; ConfigurationError names an unknown one or the type that was expected."""

        def now() -> None:
            self._device.wake()
            set_truth(self._device, quantities)

        try:
            self._ground.call(now)
        except (UnknownQuantity, ValueError) as error:
            raise ConfigurationError(str(error), key="set") from error

    def writes(self) -> list[dict[str, Any]]:
        """What arrived on the wire to change the device, oldest first: time, target, raw, value, wear, accepted."""
        return self._ground.call(lambda: [asdict(write) for write in self._device.writes])

    def fault_on(self, fault: str, **parameters: Any) -> None:
        """Switch a fault of `emulators.faults.known` on; ConfigurationError names those that this device can have."""
        try:
            self._ground.call(lambda: self._device.begin(fault, **parameters))
        except UnfitFault as error:
            raise ConfigurationError(str(error), key="fault") from error

    def fault_off(self, fault: str) -> None:
        """Switch a fault off; nothing happens when it is not on."""
        if fault in self._device.faults:
            self._ground.call(lambda: self._device.end(fault))

    def operator(self, action: str, **values: Any) -> None:
        """Do what only a person at the device can do; ConfigurationError names what there is."""
        if action not in self._device.operator:
            known = ", ".join(sorted(self._device.operator)) or "none"
            raise ConfigurationError(f"no action {action!r}, there are {known}", key="operator")
        self._ground.call(lambda: operate(self._device, action, **values))


class Ground:
    """Where the devices stand: a thread with an event loop, and a network 127.x.y.0 of their own. `close` ends it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="hemtwin devices", daemon=True)
        self._thread.start()
        self._network = f"127.{200 + os.getpid() % 50}.{next(_NETWORKS) % 250}"
        self._hosts = itertools.count(1)
        self._served: list[Served] = []

    def device(
        self, row: int, protocol: str | None = None, model: str | None = None, unit: int | None = None, **truth: Any
    ) -> Standing:
        """One listed device at a free port or pty. `truth`: quantities it begins with."""
        installation = self.call(lambda: choose.installation(row, protocol, model, unit, ()))
        standing = self._stand(installation)
        if truth:
            standing.set(**truth)
        return standing

    def site(self, file: str | Path, *, days: int = 7, seed: int = 1) -> Mapping[str, Standing]:
        """The devices of a site file by name, over one energy balance; those of one serial line share their pty."""
        estate = self.call(lambda: settle(load(file), time.time, days=days, seed=seed))
        found = {}
        for installation, devices in estate.places:
            place = self._serve(installation)
            for each in devices:
                found[each.name] = Standing(self, place, estate.installations[each.name].main)
        return found

    def call(self, function: Callable[[], T]) -> T:
        """The result of `function`, run where the devices live."""

        async def there() -> T:
            return function()

        return self.run(there())

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine, run where the devices live."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def close(self) -> None:
        """Throw all clients out, give back ports, ptys and the thread."""
        if self._loop.is_closed():
            return
        self.run(self._clear())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _stand(self, installation: Installation) -> Standing:
        place = self._serve(installation)
        main, *others = (Standing(self, place, device) for device in installation.devices)
        main.others = {each.id: each for each in others}
        return main

    def _serve(self, installation: Installation) -> Served:
        port = None if installation.protocol in FIXED else 0
        place = self.run(serve(installation, f"{self._network}.{next(self._hosts)}", port))
        self._served.append(place)
        return place

    async def _clear(self) -> None:
        await _turns()
        # a server that closes now would lose the sockets of those that it is just accepting
        while accepting := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(accepting)
        for place in self._served:
            await place.close()
        await _turns()


async def _turns() -> None:
    """Let the loop turn: transports are made, say farewell and close their sockets in later turns."""
    for _ in range(4):
        await asyncio.sleep(0)

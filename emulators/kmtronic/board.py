"""A relay board, and the SG Ready input of a heat pump that two of its relays lead to.

K1 K2: 1 0 locked, 0 0 normal, 0 1 raised (a recommendation), 1 1 forced (a start command).
"""

from collections.abc import Callable
from typing import Any

from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.heatpump import HeatPump, Request

STATES: dict[tuple[bool, bool], Request] = {
    (True, False): "locked", (False, False): "normal", (False, True): "raised", (True, True): "forced",
}  # fmt: skip
SIZES = {"lan": 8, "usb-2": 2, "usb-8": 8, "rs485": 8}


class RelayBoard:
    """The relays. They stay as they are until somebody switches them, whoever has fallen silent."""

    def __init__(self, twin: HeatPump, facts: Facts, device: Device) -> None:
        self._twin, self._device, self.facts = twin, device, facts.more
        self.relays = [False] * SIZES[str(self.facts["board"])]
        self.passed: list[tuple[float, Request]] = []  # what stood at the contacts, and since when
        self.operator: dict[str, Callable[..., Any]] = {
            "power_cycle": self.reboot, "pull_wire": self.pull_wire, "plug_wire": self.plug_wire,
        }  # fmt: skip
        self._wired = True
        self._look()

    def reboot(self) -> None:
        """After power-on all relays are open."""
        self.relays = [False] * len(self.relays)
        self._look()

    def switch(self, number: int, on: bool, said: str) -> None:
        """Relay `number`, from 1; one that is not there is ignored."""
        if not 1 <= number <= len(self.relays):
            self._device.log(f"relay {number}", said, None, accepted=False, reason="no such relay")
            return
        target, device = f"relay {number}", self._device
        if "write-ignored" in device.faults:
            device.faults.acted(self.relays[number - 1] != on)
            device.log(target, said, on, wear="volatile", reason="ignored by fault")
            return
        device.touch(target, lambda: self.relays[number - 1], lambda state: self._put(number, state))
        device.log(target, said, on, wear="volatile")
        self._put(number, on)

    def _put(self, number: int, on: bool) -> None:
        self.relays[number - 1] = on
        self._look()

    @property
    def contacts(self) -> tuple[bool, bool]:
        """K1 and K2 as the pump sees them."""
        first, second = (self._closed(name) for name in ("lock_relay", "start_relay"))
        return first, second

    def _closed(self, name: str) -> bool:
        number = int(self.facts[name])
        return self._wired and self.relays[number - 1] if number <= len(self.relays) else False

    def _look(self) -> None:
        """The contacts have moved, or have not; what stands still for a while is what the pump is asked for."""
        state = STATES[self.contacts]
        if self.passed and self.passed[-1][1] == state:
            return
        self.passed.append((self._device.clock(), state))
        del self.passed[:-1000]
        self._twin.at("sg ready", self._device.clock() + float(self.facts["settle"]), lambda: self._ask(state))

    def _ask(self, state: Request) -> None:
        self._twin.request = state

    # what only a person at the board can do

    def pull_wire(self) -> None:
        """The wire to the pump is cut: both contacts are open, and the board does not know."""
        self._wired = False
        self._look()

    def plug_wire(self) -> None:
        self._wired = True
        self._look()

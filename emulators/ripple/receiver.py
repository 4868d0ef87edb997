"""A ripple-control receiver: relays that do not switch at the same instant, bounce, and can be cut off."""

from collections.abc import Callable

from emulators.family.build import Installation, Order
from emulators.family.profile import Facts, Profile
from emulators.family.single import single
from emulators.wires.contacts import Bouncing
from emulators.wires.device import Device
from emulators.wires.linefaults import silent
from emulators.wires.told import told

NAMES = ("k1", "k2", "k3", "k4")
CHATTER = 0.005  # s, of a contact that is disturbed


class Receiver:
    """A ContactStation. The twin says which relays are closed."""

    def __init__(self, facts: Facts, device: Device) -> None:
        self._facts, self._device = facts.more, device
        self._contacts = {name: Bouncing(device.clock, float(self._facts["bounce"])) for name in NAMES}
        self._broken: set[str] = set()
        self.operator: dict[str, Callable[..., None]] = {
            "signal": self.signal, "break_input": self.break_input, "repair_input": self.repair_input,
        }  # fmt: skip

    def closed(self) -> tuple[bool | None, ...]:
        """The contacts that are wired; None for an input that cannot be read."""
        device, contacts = self._device, self._contacts
        device.wake()
        names = NAMES[: int(self._facts["wired"])]
        if device.faults.active or self._broken:
            return tuple(self._seen(name) for name in names)
        return tuple([contacts[name].seen(getattr(device.twin, name)) for name in names])

    def _seen(self, name: str) -> bool | None:
        if name in self._broken or silent(self._device.faults):
            return None
        state = told(self._device, name)
        if "noise" in self._device.faults and state is not None:
            self._device.faults.acted()
            return int(self._device.clock() / CHATTER) % 2 == 0
        return self._contacts[name].seen(state)

    def reboot(self) -> None:
        """Without power all relays fall open; the next signal closes one again."""
        for name in NAMES:
            self._device.twin.set(name, False)

    # what the grid operator and a person at the terminals do

    def signal(self, percent: int | str = 100) -> None:
        """A telegram: one relay opens, another one closes `gap` seconds later, or before it."""
        wanted = self._facts["levels"].get(str(percent))
        if wanted is None:
            raise ValueError(f"no relay for {percent} %, there are {', '.join(self._facts['levels'])}")
        twin, gap = self._device.twin, float(self._facts["gap"])
        now = self._device.wake()
        others = [name for name in NAMES if name != wanted]
        if gap < 0:
            twin.set(wanted, True)
            twin.at("ripple second", now - gap, lambda: self._set(others, False))
        else:
            self._set(others, False)
            twin.at("ripple second", now + gap, lambda: self._set([wanted], True))

    def _set(self, names: list[str], closed: bool) -> None:
        for name in names:
            self._device.twin.set(name, closed)

    def break_input(self, name: str = "k1") -> None:
        """The input card, or the wire to it, is gone."""
        self._broken.add(_known(name))

    def repair_input(self, name: str = "k1") -> None:
        self._broken.discard(_known(name))


def _known(name: str) -> str:
    if name not in NAMES:
        raise ValueError(f"no contact {name!r}, there are {', '.join(NAMES)}")
    return name


def install(family: Profile, order: Order) -> Installation:
    family, facts, device = single(family, order)
    receiver = Receiver(facts, device)
    device.face, device.operator = receiver, receiver.operator
    return Installation(family, order.protocol, [device], receiver, None, 0)

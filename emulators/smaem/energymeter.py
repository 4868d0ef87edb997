"""SMA Energy Meter: a datagram to the group every second, import and export as two positive numbers."""

from collections.abc import Iterator
from math import hypot

from emulators.family.build import Installation, Order
from emulators.family.profile import Facts, Profile
from emulators.family.single import following, single
from emulators.wires import speedwire
from emulators.wires.device import Device
from emulators.wires.linefaults import spoil_push
from emulators.wires.speedwire import COUNTER, MOMENTARY, Element
from emulators.wires.told import told

WS = 3600  # watt-seconds of a watt-hour
IMPORT, EXPORT, REACTIVE_IMPORT, REACTIVE_EXPORT, APPARENT_IMPORT, APPARENT_EXPORT = 1, 2, 3, 4, 9, 10
POWER_FACTOR, FREQUENCY, CURRENT, VOLTAGE = 13, 14, 31, 32
PHASE_BASE = {1: 20, 2: 40, 3: 60}


class EnergyMeter:
    """One meter in the group. `generation` chooses type number and whether the frequency is sent."""

    def __init__(self, facts: Facts, device: Device) -> None:
        self._device = device
        more = facts.more
        kind = more["generations"][more["generation"]]
        self.susy, self._with_frequency = int(kind["susy"]), bool(kind["frequency"])
        self.serial, self._version = int(more["serial"]), bytes.fromhex(kind["version"])
        self.interval = float(more["interval"])
        self.duplicates = bool(more.get("duplicates", False))  # hosts with several interfaces hear each one twice
        self.neighbours = bool(more.get("neighbours", False))  # an inverter and another meter in the same group
        self._started = device.clock() - float(more["uptime"])
        self._next = device.clock() + self.interval
        self._ticker = 0  # ms since power-up, in the datagram that is being written

    @property
    def firmware(self) -> str:
        """Software version as SMA prints it."""
        major, minor, build, letter = self._version
        return f"{major}.{minor}.{build}.{chr(letter)}"

    def reboot(self) -> None:
        """The ticker begins anew; counters are kept."""
        self._started = self._device.clock()
        self._next = self._started + self.interval

    def due(self, now: float) -> tuple[list[bytes], float]:
        """The datagrams that are due at `now`, and when the next ones come."""
        if now < self._next:
            return [], self._next
        self._next = following(self._next, self.interval, now)
        self._device.wake()
        own = spoil_push(self._device.faults, self.datagram(now))
        if not own:
            return [], self._next
        foreign = (
            [speedwire.discovery(0x0078, 2_100_456_789, self._ticker), self._stranger()] if self.neighbours else []
        )
        return [*foreign, *own * (2 if self.duplicates else 1)], self._next

    def datagram(self, now: float) -> bytes:
        """600 bytes, 608 with the frequency."""
        self._ticker = round((now - self._started) * 1000) & 0xFFFFFFFF
        elements = [*self._sum(), *(each for phase in PHASE_BASE for each in self._phase(phase))]
        return speedwire.datagram(self.susy, self.serial, self._ticker, elements, self._version)

    def _stranger(self) -> bytes:
        """Another meter of the same type that shows 77.7 W of import."""
        elements = [Element(IMPORT, MOMENTARY, 777), Element(EXPORT, MOMENTARY, 0)]
        return speedwire.datagram(self.susy, self.serial + 1, self._ticker, elements, self._version)

    def _sum(self) -> Iterator[Element]:
        """Totals, balanced over the phases."""
        energies = (self._told("import_energy"), self._told("export_energy"))
        reactive = self._told("reactive_power")
        yield from _six(0, self._told("power"), reactive, *energies)
        yield from _maybe(POWER_FACTOR, self._told("power_factor"), 1000)
        if self._with_frequency:
            yield from _maybe(FREQUENCY, self._told("frequency"), 1000)

    def _phase(self, phase: int) -> Iterator[Element]:
        """One phase; the totals of energy and reactive power are shared out evenly."""
        base = PHASE_BASE[phase]
        energies = [None if each is None else each / 3 for each in map(self._told, ("import_energy", "export_energy"))]
        reactive = self._told("reactive_power")
        share = None if reactive is None else reactive / 3
        yield from _six(base, self._told(f"power_l{phase}"), share, *energies)
        yield from _maybe(base + CURRENT - 20, self._told(f"current_l{phase}"), 1000)
        yield from _maybe(base + VOLTAGE - 20, self._told(f"voltage_l{phase}"), 1000)
        yield from _maybe(base + POWER_FACTOR, self._told("power_factor"), 1000)

    def _told(self, quantity: str) -> float | None:
        value = told(self._device, quantity)
        return None if value is None else float(value)


def _six(
    base: int, power: float | None, reactive: float | None, bought: float | None, sold: float | None
) -> Iterator[Element]:
    """Active, reactive and apparent, each in both directions, momentary and counted."""
    counters = {IMPORT: bought, EXPORT: sold}
    apparent = None if power is None or reactive is None else hypot(power, reactive) * (1 if power >= 0 else -1)
    pairs = ((IMPORT, EXPORT, power), (REACTIVE_IMPORT, REACTIVE_EXPORT, reactive),
             (APPARENT_IMPORT, APPARENT_EXPORT, apparent))  # fmt: skip
    for inward, outward, value in pairs:
        if value is None:  # nothing is known: the meter leaves it out
            continue
        for index, flow in ((inward, value), (outward, -value)):
            yield Element(base + index, MOMENTARY, round(max(flow, 0.0) * 10))
            yield Element(base + index, COUNTER, round((counters.get(index) or 0.0) * WS))


def _maybe(index: int, value: float | None, factor: int) -> Iterator[Element]:
    if value is not None:
        yield Element(index, MOMENTARY, round(abs(value) * factor))


def install(family: Profile, order: Order) -> Installation:
    family, facts, device = single(family, order)
    meter = EnergyMeter(facts, device)
    device.face = meter
    return Installation(family, order.protocol, [device], meter, None, speedwire.PORT)

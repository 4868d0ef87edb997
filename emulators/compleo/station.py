"""Compleo: the station that connectors share, its power limit, and its fallback when nobody asks."""

from collections.abc import Sequence

from emulators.compleo.connector import NOMINAL, Connector
from emulators.faces.charging import Supply
from emulators.faces.settings import kept, within
from emulators.family.profile import Facts
from emulators.table.answers import IllegalAddress
from emulators.wires.device import Device

FIRST = 0x100
SETTINGS = (0x0, 0x9)  # of a connector: what a read by function 3 may begin with
STATION_SETTINGS = range(0x10)
MOST = 1_000_000.0  # W


class Station:
    """Registers of the station."""

    limit = kept("_limit", within, 0.0, MOST)
    imbalance = kept("_imbalance", within, 0.0, 32.0)  # A; kept, and not enforced here
    fallback_power = kept("_fallback", within, 0.0, MOST)

    def __init__(self, faces: Sequence[Connector], facts: Facts, device: Device) -> None:
        self._faces, self._device = faces, device
        self.connectors = len(faces)
        self.fallback_timeout = int(facts.more["fallback_timeout"])
        self._limit, self._imbalance = float(facts.more["installation"]), 20.0
        self._fallback = float(facts.more["fallback_power"])
        self._stride = 0x100 if facts.more["addressing"] == "wide" else 0x10
        major, minor, patch = facts.more["firmware"]
        self.firmware_major_minor, self.firmware_patch = major << 8 | minor, patch << 8
        self._silent = False
        self._supply = Supply([each.twin for each in faces], self._amperes)

    def asked(self, function: int, address: int, count: int) -> None:
        for each in self._faces:
            each.people.look()
        if function == 3 and address not in STATION_SETTINGS and (address - FIRST) % self._stride not in SETTINGS:
            raise IllegalAddress(f"{address:#x} is measured")
        if self._silent:
            self._silent = False
            self._supply.share()
        if self.fallback_timeout:
            self._device.twin.at("compleo fallback", self._device.clock() + self.fallback_timeout, self._fall_back)

    def _fall_back(self) -> None:
        self._silent = True
        self._supply.share()

    def _apply(self) -> None:
        self._supply.share()

    def _amperes(self) -> float:
        watts = min(self._limit, self._fallback) if self._silent else self._limit
        return watts / (3 * NOMINAL)

    @property
    def power(self) -> float:
        return sum(float(each.twin.power) for each in self._faces)

    @property
    def unused(self) -> float:
        return max(self._limit - self.power, 0.0)

    @property
    def current_l1(self) -> float:
        return sum(float(each.twin.current_l1 or 0.0) for each in self._faces)

    @property
    def current_l2(self) -> float:
        return sum(float(each.twin.current_l2 or 0.0) for each in self._faces)

    @property
    def current_l3(self) -> float:
        return sum(float(each.twin.current_l3 or 0.0) for each in self._faces)

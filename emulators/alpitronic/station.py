"""alpitronic hypercharger: the station that its connectors share, with its fallback when no new limit comes."""

from collections.abc import Sequence

from emulators.alpitronic.hyc import FAULTED, MOST, Connector
from emulators.faces.charging import Supply
from emulators.faces.settings import kept, within
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.dc_charger import VOLTS

IN_SERVICE = 0


class Station:
    """Registers of the station, and the power that its connectors have between them."""

    limit = kept("_limit", within, 0.0, MOST, then="fed")
    reactive = kept("_reactive", within, -MOST, MOST, then="fed")

    def __init__(self, faces: Sequence[Connector], facts: Facts, device: Device) -> None:
        self._faces, self._facts, self._device = faces, facts.more, device
        self.rating = facts.rated_power
        self.managed = 1
        self.connectors = len(faces)
        self.version_major, self.version_minor, self.version_patch = faces[0].version
        self._silent = False
        self._limit, self._reactive = self.rating, 0.0
        self._supply = Supply([each.twin for each in faces], self._amperes)
        for each in faces:
            each.station = self

    def restart(self) -> None:
        self._limit, self._reactive, self._silent = self.rating, 0.0, False
        self._device.twin.cancel("hyc grid fallback")
        self._supply.share()

    def asked(self, function: int, address: int, count: int) -> None:
        for each in self._faces:
            each.people.look()
        if self._facts["fed_by"] == "any":
            self.fed()

    def fed(self) -> None:
        """The load management lives."""
        self._silent = False
        self._supply.share()
        if timeout := float(self._facts["grid_fallback_timeout"]):
            self._device.twin.at("hyc grid fallback", self._device.clock() + timeout, self._fall_back)

    def _fall_back(self) -> None:
        self._silent = True
        self._supply.share()

    def _amperes(self) -> float:
        watts = min(self._limit, self.rating)
        if self._silent:
            watts = min(watts, float(self._facts["grid_fallback_power"]))
        return watts / VOLTS

    @property
    def time(self) -> float:
        return self._device.clock()

    @property
    def state(self) -> int:
        return FAULTED if all(each.state == FAULTED for each in self._faces) else IN_SERVICE

    @property
    def power(self) -> float:
        return sum(float(each.twin.power) for each in self._faces)

    @property
    def var(self) -> float:
        return self.rating * float(self._facts["reactive_share"])

"""PRACHT Alpha XT: two points with a limit each and one in common, in whole amperes. Nothing falls back.

Source: evcc-io/evcc:charger/pracht-alpha.go; register list of the Alpha Mono XT at devicedb.my-gekko.com.
"""

from collections.abc import Sequence

from emulators.faces.charging import People, Supply, obey
from emulators.faces.settings import one_of, within
from emulators.family.profile import Facts
from emulators.table.answers import IllegalAddress
from emulators.wires.device import Device
from twin.charger import ChargingPoint

STATES = {"A": 0, "B": 1, "C": 2, "D": 3, "E": 1, "F": 1}  # a fault has no code of its own
RELEASE, LOCK, NORMAL = 1, 2, 255
HIGHEST = 80  # A that the limits take


class Point:
    """Registers of one point."""

    def __init__(self, twin: ChargingPoint, facts: Facts, device: Device) -> None:
        self.twin, self._device = twin, device
        self.people = People(twin, facts, device, reboot=device.restart)
        self.operator = self.people.operator
        twin.current_limit = twin.max_current
        self.station: Station | None = None

    def reboot(self) -> None:
        """Power returns: limits and locks as delivered (assumed)."""
        self.twin.current_limit, self.twin.enabled = self.twin.max_current, True
        self.people.restart()
        if self.station is not None:
            self.station.restart()

    @property
    def limit(self) -> float:
        return self.twin.current_limit

    @limit.setter
    def limit(self, amperes: int) -> None:
        self.twin.current_limit = float(within(amperes, 0, HIGHEST))

    @property
    def appointed(self) -> float:
        """A that the station gives this point now."""
        return self.twin.offered_current if self.twin.plugged else 0.0

    @property
    def state(self) -> int:
        return STATES[self.twin.vehicle]


class Station:
    """Registers that both points share."""

    def __init__(self, faces: Sequence[Point], facts: Facts, device: Device) -> None:
        self._faces, self._facts = faces, facts.more
        self._total, self._release = float(self._facts["total"]), NORMAL
        self.cards = int(self._facts["cards"])
        self._supply = Supply([each.twin for each in faces], self._amperes)
        for each in faces:
            each.station = self

    def restart(self) -> None:
        self._total, self._release = float(self._facts["total"]), NORMAL
        self._supply.share()

    def asked(self, function: int, address: int, count: int) -> None:
        if function == 4 and not self._facts["input_functions"]:
            raise IllegalAddress("function 4 is not served here")
        for each in self._faces:
            each.people.look()

    def _amperes(self) -> float:
        return self._total if self._total > float(self._facts["total_needed"]) else 0.0

    @property
    def total(self) -> float:
        return self._total

    @total.setter
    def total(self, amperes: int) -> None:
        self._total = float(within(amperes, 0, HIGHEST))
        self._supply.share()

    @property
    def supply(self) -> float:
        """A that both points have been appointed together."""
        return sum(each.appointed for each in self._faces)

    @property
    def release(self) -> int:
        return self._release

    @release.setter
    def release(self, code: int) -> None:
        """1 and 2 for both points, 11 and 12 for the first, 21 and 22 for the second, 255 as the station likes."""
        self._release = one_of(code, RELEASE, LOCK, NORMAL, 11, 12, 21, 22)
        point, what = divmod(code, 10) if code != NORMAL else (0, NORMAL)
        for number, each in enumerate(self._faces, 1):
            if point in (0, number):
                obey(each.twin, enabled=what != LOCK)
                if what == RELEASE:
                    obey(each.twin, authorized=True)

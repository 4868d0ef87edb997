"""alpitronic hypercharger: one connector. Limits are W on the AC side; 0 W ends a session for good.

Source: evcc-io/evcc:charger/alpitronic.go and #28493, which cites table 11 of the Load Management Manual.
"""

from typing import Protocol

from emulators.faces.charging import People, obey
from emulators.faces.settings import kept, within
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.charger import ChargingPoint
from twin.dc_charger import VOLTS, DcChargingPoint

AVAILABLE, TAG_READY, EV_READY, CHARGING, SUSPENDED_EV, SUSPENDED_EVSE, FINISHING = range(7)
UNAVAILABLE, FAULTED = 8, 10
POWER_SINCE = (1, 7, 2)  # firmware that tells the power of a connector
MOST = 1_000_000.0  # W or var that registers take; the connector does what it can


class LoadManaged(Protocol):
    """What a connector asks of the station that it belongs to."""

    def fed(self) -> None: ...

    def restart(self) -> None: ...


class Connector:
    """Registers of one connector; `station` is set when the station stands."""

    station: LoadManaged
    reactive = kept("_reactive", within, -MOST, MOST)

    def __init__(self, twin: ChargingPoint, facts: Facts, device: Device) -> None:
        self.twin, self.facts, self._device = twin, facts.more, device
        self.version = tuple(int(each) for each in str(self.facts["firmware"]).split("."))
        self.rating = twin.max_current * VOLTS
        self._reactive = 0.0
        self._aborted = False
        self.people = People(
            twin, facts, device, reboot=device.restart, noticed=self._noticed,
            card_seconds=float(self.facts["plug_in_timeout"]),
        )  # fmt: skip
        self.operator = self.people.operator
        twin.current_limit = self.rating / VOLTS

    def reboot(self) -> None:
        """Power returns: no limit stands, and a session goes on (assumed)."""
        self.twin.current_limit, self._reactive = self.rating / VOLTS, 0.0
        self.people.restart()
        self.station.restart()

    def _noticed(self) -> None:
        if self._aborted and not self.twin.plugged:
            self._aborted = False
            self._apply()

    def _apply(self) -> None:
        obey(self.twin, enabled=not self._aborted)

    @property
    def state(self) -> int:
        twin = self.twin
        if twin.vehicle in ("E", "F"):
            return FAULTED
        if self.limit <= 0:
            return UNAVAILABLE
        if not twin.plugged:
            return TAG_READY if self.people.needs_card and twin.authorized else AVAILABLE
        if self._aborted or (not twin.authorized and twin.session_energy > 0):
            return FINISHING
        if not twin.authorized:
            return EV_READY
        if twin.vehicle in ("C", "D"):
            return CHARGING
        return SUSPENDED_EV if twin.offered_current else SUSPENDED_EVSE

    @property
    def voltage(self) -> float:
        return self.twin.dc_voltage if isinstance(self.twin, DcChargingPoint) else self.twin.voltage_l1

    @property
    def current(self) -> float:
        if isinstance(self.twin, DcChargingPoint):
            return self.twin.dc_current
        return float(self.twin.current_l1 or 0.0)

    @property
    def charging_power(self) -> float:
        return float(self.twin.power) if self.version >= POWER_SINCE else 0.0

    @property
    def soc(self) -> float:
        """Percent, 0 without a car that tells it."""
        return self.twin.vehicle_soc if isinstance(self.twin, DcChargingPoint) else 0.0

    @property
    def connector_type(self) -> int:
        return int(self.facts["connector"])

    @property
    def highest_power(self) -> float:
        """W that car, connector and limit allow together."""
        car = self.twin.vehicle_power if isinstance(self.twin, DcChargingPoint) else self.rating
        return min(car, self.highest_power_ac)

    @property
    def highest_power_ac(self) -> float:
        return min(self.limit, self.rating)

    @property
    def lowest_power(self) -> float:
        return self.twin.min_current * VOLTS

    @property
    def var(self) -> float:
        return self.rating * float(self.facts["reactive_share"])

    @property
    def vehicle_id(self) -> int:
        return int(self.facts["vid"], 16) if self.twin.plugged and isinstance(self.twin, DcChargingPoint) else 0

    @property
    def limit(self) -> float:
        return self.twin.current_limit * VOLTS

    @limit.setter
    def limit(self, watts: float) -> None:
        if not watts and self.twin.plugged:
            self._aborted = True
        self.twin.current_limit = watts / VOLTS
        self._apply()
        self.station.fed()

"""Bender CC612/613: a limit of the HEMS, a fallback when the master is silent, values of the meter that is built in.

Source: MENNEKES ECU Modbus TCP Server Specification 1.07. A limit of 0 pauses; the current that is signalled may be
lower for other reasons. After COMM_TIMEOUT without the master SAFE_CURRENT bounds it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from packaging.version import Version

from emulators.bender.meters import MeterValues
from emulators.faces.charging import People, obey
from emulators.faces.settings import kept, one_of, within
from emulators.family.profile import Facts
from emulators.table.answers import IllegalAddress, IllegalValue, Silence
from emulators.wires.device import Device
from twin.charger import ChargingPoint

AVAILABLE, UNAVAILABLE, FAULTED, PREPARING, CHARGING, BY_STATION, BY_CAR, FINISHING = 0, 3, 4, 5, 6, 7, 8, 9
STATES = {"A": 1, "B": 2, "C": 3, "D": 4, "E": 5, "F": 5}
RESIDUAL_CURRENT, STATE_E = 0x01, 0x02  # error bits
OFF, THREE_PHASES, ONE_PHASE = 0, 1, 5  # relay
HIGHEST = 80  # A, what the limit registers take
FIRST_OF_TABLE = Version("5.22")  # firmware that turned availability round and charges until it is told not to


class ChargeController:
    """Registers of one controller. Currents in whole A."""

    safe_current = kept("_safe", within, 0, HIGHEST)
    comm_timeout = kept("_timeout", then="_feed")
    address_offset = kept("_offset", one_of, 0)  # others would move the whole map, which is not emulated
    operator_limit_l1 = kept("_operator_l1", within, 0, HIGHEST)
    operator_limit_l2 = kept("_operator_l2", within, 0, HIGHEST)
    operator_limit_l3 = kept("_operator_l3", within, 0, HIGHEST)

    def __init__(self, twin: ChargingPoint, facts: Facts, device: Device) -> None:
        self.twin, self.facts, self.device = twin, facts.more, device
        self.firmware = str(self.facts["firmware"])
        self._version = Version(self.firmware)
        self._since = {int(at): Version(each) for at, each in self.facts["since"].items()}
        self._offset = 0
        self._safe, self._timeout = float(self.facts["safe_current"]), int(self.facts["comm_timeout"])
        self._operator_l1 = self._operator_l2 = self._operator_l3 = float(self.facts["operator_current"])
        self._available, self._finished, self._silent = True, False, False
        self._answers_at = self._ended = 0.0
        self._people = People(twin, facts, device, reboot=device.restart, noticed=self._noticed)
        self.operator: dict[str, Callable[..., None]] = self._people.operator
        self.parts = (MeterValues(twin, str(self.facts["meter"]), self._version >= FIRST_OF_TABLE),)
        self._hems = self._default
        self._apply()

    @property
    def _default(self) -> float:
        """What the limit is until somebody writes it: it changed from 6 to 32 A with 5.22, p. 14."""
        return 32.0 if self._version >= FIRST_OF_TABLE else 6.0

    def reboot(self) -> None:
        """Power returns: the limit is the default again (assumed), settings stay."""
        self._answers_at = self.device.clock() + float(self.facts["booting"])
        self._hems, self._silent = self._default, False
        self._people.restart()
        self.twin.cancel("bender master")
        self._apply()

    # the master

    def closed(self) -> bool:
        """A base board without Modbus/TCP, or one that starts."""
        return not self.facts.get("baseboard", True)

    def asked(self, function: int, address: int, count: int) -> None:
        if self.device.clock() < self._answers_at:
            raise Silence
        self._people.look()
        if self._version < (since := self._since.get(address, self._version)):
            raise IllegalAddress(f"{address} exists since {since}")
        if 1110 <= address < 1120 and not self.facts["allow_transactions"]:
            raise IllegalAddress("transactions over Modbus are not allowed")
        if function != 3 or self.facts["fed_by"] == "any":
            if self._silent:
                self._silent = False
                self._apply()
            self._feed()

    def _feed(self) -> None:
        if self._timeout:
            self.twin.at("bender master", self.device.clock() + self._timeout, self._lose_master)
        else:
            self.twin.cancel("bender master")

    def _lose_master(self) -> None:
        self._silent = True
        self._apply()

    def _apply(self) -> None:
        obey(self.twin, current_limit=self._bound(), enabled=self._available)

    def _bound(self) -> float:
        """A that the limits in force leave together."""
        wanted = self._hems
        if self._silent:
            wanted = min(wanted, self._safe)
        wanted = min(wanted, float(self.facts["operator_current"]))
        if self.facts["dlm"] in (1, 2):
            wanted = min(wanted, self._operator_l1, self._operator_l2, self._operator_l3)
        return min(wanted, self.twin.max_current)

    @property
    def hems_limit(self) -> float:
        """A as written; what is signalled may be less, for the cable or for load management."""
        return self._hems

    @hems_limit.setter
    def hems_limit(self, amperes: int) -> None:
        self._hems = float(within(amperes, 0, HIGHEST))
        self._apply()

    # general system information

    @property
    def firmware_text(self) -> str:
        return self.firmware[:4]

    @property
    def version_major(self) -> int:
        return self._version.release[0]

    @property
    def version_minor(self) -> int:
        return self._version.release[1]

    @property
    def version_patch(self) -> int:
        return self._version.micro

    @property
    def ocpp_status(self) -> int:
        twin = self.twin
        if twin.vehicle in ("E", "F"):
            return FAULTED
        if not self._available:
            return UNAVAILABLE
        if not twin.plugged:
            return AVAILABLE
        if not twin.authorized:
            return FINISHING if self._finished else PREPARING
        if twin.vehicle in ("C", "D"):
            return CHARGING
        return BY_CAR if twin.offered_current else BY_STATION

    @property
    def vehicle_state(self) -> int:
        return STATES[self.twin.vehicle]

    @property
    def error_codes(self) -> int:
        """The last double word of the errors, in the order that the document describes on p. 15."""
        bits = {"E": STATE_E, "F": RESIDUAL_CURRENT}.get(self.twin.vehicle, 0)
        if self.facts["error_order"] == "plain":
            return bits
        return int.from_bytes(bits.to_bytes(4, "little"), "big")

    @property
    def availability(self) -> int:
        return int(self._available == (self._version >= FIRST_OF_TABLE))

    @availability.setter
    def availability(self, code: int) -> None:
        self._available = (one_of(code, 0, 1) == 1) == (self._version >= FIRST_OF_TABLE)
        self._apply()

    @property
    def relay(self) -> int:
        if not float(self.twin.power) or self._version < self._since[140]:
            return OFF
        return ONE_PHASE if self.twin.phases == 1 else THREE_PHASES

    @property
    def plug_lock(self) -> int:
        return int(self.twin.plugged)

    # dynamic load management

    @property
    def distribution_limit(self) -> float:
        return float(self.facts["operator_current"])

    @property
    def current_available(self) -> float:
        return max(self.distribution_limit - self.signalled_current, 0.0)

    # charge process

    def _noticed(self) -> None:
        if not self.twin.plugged or not self.twin.authorized:
            self._ended = self.device.clock()
        self._finished = self.twin.plugged and not self.twin.authorized and self.twin.session_energy > 0

    @property
    def signalled_current(self) -> int:
        return int(self.twin.offered_current) if self.twin.plugged else 0

    @property
    def session_energy(self) -> float:
        """Wh since the vehicle was plugged in."""
        return float(self.twin.session_energy)

    @property
    def long_session_energy(self) -> float:
        """The same in 32 bits, 0 where the firmware does not have it yet."""
        return self.session_energy if self._version >= FIRST_OF_TABLE else 0.0

    @property
    def duration(self) -> int:
        return int(self._people.seconds)

    @property
    def start_time(self) -> int:
        return _clock_time(self.twin.plugged_since)

    @property
    def end_time(self) -> int:
        """Zero while the session lasts (assumed)."""
        return 0 if self.twin.plugged and self.twin.authorized else _clock_time(self._ended)

    @property
    def most_of_the_car(self) -> float:
        return min(self.twin.vehicle_current, self.twin.max_current)

    @property
    def id_tag(self) -> str:
        """Padded with blanks on the left; all blank without a tag."""
        shown = self.twin.rfid if self.facts["disclose"] else ""
        return str(shown).rjust(20)[:20]

    @property
    def presented_tag(self) -> Any:
        return None

    @presented_tag.setter
    def presented_tag(self, text: str) -> None:
        """As if the card had been held before the reader, p. 14."""
        if not (tag := text.strip(" \0")):
            raise IllegalValue("no tag")
        self._people.show_card(tag)

    # what a car of ISO 15118 tells

    @property
    def _smart(self) -> bool:
        return bool(self.facts["smart_vehicle"]) and self.twin.plugged and self._version >= self._since[740]

    @property
    def smart_vehicle(self) -> int:
        return int(self._smart)

    @property
    def vehicle_soc(self) -> int:
        return min(40 + int(self.twin.session_energy / 770), 100) if self._smart else 0

    @property
    def required_energy(self) -> float:
        return min(self.twin.vehicle_demand, 45_000.0) if self._smart else 0

    @property
    def departure_time(self) -> int:
        return 0x0007_3000 if self._smart else 0  # 07:30:00

    @property
    def departure_date(self) -> int:
        tomorrow = datetime.fromtimestamp(self.device.clock() + 86_400, UTC)
        return int(f"{tomorrow:%d%m%y}", 16) if self._smart else 0

    @property
    def evccid(self) -> str:
        return str(self.facts["evccid"]) if self._smart else ""


def _clock_time(instant: float) -> int:
    """hhmmss in packed BCD; 0 for never. UTC."""
    return int(f"{datetime.fromtimestamp(instant, UTC):%H%M%S}", 16) if instant else 0

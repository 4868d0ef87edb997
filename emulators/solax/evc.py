"""SolaX EV charger: use modes, commands to start and stop, a current in hundredths of an ampere. Nothing falls back.

Source: wills106/homeassistant-solax-modbus plugin_solax_ev_charger.py; evcc-io/evcc:charger/solax.go. A box of the
first generation that was put to the mode "stop" leaves it only after a start command (the maker's support, issue #805).
"""

from emulators.faces.charging import People, obey
from emulators.faces.settings import Stored, kept, one_of, within
from emulators.family.profile import Facts
from emulators.table.answers import IllegalValue
from emulators.wires.device import Device
from twin.charger import ChargingPoint

STOP, FAST, ECO, GREEN = range(4)  # use modes
ECO_CURRENT = {1: 6.0, 2: 10.0, 3: 16.0, 4: 20.0, 5: 25.0}  # A by gear
AVAILABLE, UNAVAILABLE, STOP_CHARGING, START_CHARGING, RESERVE, CANCEL = range(1, 7)  # commands
(
    IS_AVAILABLE, PREPARING, CHARGING, FINISHING, FAULTED, IS_UNAVAILABLE, RESERVED, BY_CAR, BY_STATION,
) = range(9)  # fmt: skip
CARD_ACTIVATION, PAUSED, SWITCHING = 10, 12, 17
PLUG_AND_CHARGE, SWIPE_CARD = 0, 1
PILOT, RELAY = 1 << 0, 1 << 4  # fault bits (assumed)
PILOT_VOLTAGE = {"A": 12.0, "B": 9.0, "C": 6.0, "D": 3.0, "E": 0.0, "F": 0.0}


class Evc:
    """Registers of the box. Currents in A."""

    eco_gear = kept("_eco_gear", one_of, *ECO_CURRENT)
    green_gear = kept("_green_gear", one_of, 1, 2)
    highest_current = kept("_highest", within, 0.0, 40.0)
    breaker_limit = kept("_breaker", within, 11, 300)
    scene = kept("_scene", one_of, 0, 1, 2)

    def __init__(self, twin: ChargingPoint, facts: Facts, device: Device) -> None:
        self._twin, self._facts, self._device = twin, facts.more, device
        self._second = self._facts["generation"] == "G2"
        self._people = People(twin, facts, device, reboot=device.restart, noticed=self._noticed)
        self.operator = self._people.operator
        self._mode = int(self._facts["use_mode"])
        self._stopped = self._reserved = self._unavailable = False
        self._current, self._highest, self._breaker = 0.0, twin.max_current, 63
        self._eco_gear, self._green_gear, self._phase, self._scene = 2, 1, 0, 0
        self._switched_at = 0.0
        self.parts = (Stored({
            "meter_setting": 2, "overload_limit": 265, "undervoltage_limit": 160, "boost_mode": 0,
            "electronic_lock": 0, "card_activation": 0, "ocpp_current": 0.0, "timezone": 60,
            "clock_second": 0, "clock_minute": 0, "clock_hour": 12, "clock_day": 17, "clock_month": 4,
            "clock_year": 25, "boost_start_hour": 0, "boost_start_minute": 0, "boost_end_hour": 0,
            "boost_end_minute": 0, "smart_end_hour": 0, "smart_end_minute": 0, "smart_energy": 0,
            "datahub_current": 0.0, "evse_mode": 0,
        }),)  # fmt: skip
        self._apply()

    def reboot(self) -> None:
        """Power returns: commands and current are forgotten (assumed), settings stay."""
        self._stopped = self._reserved = self._unavailable = False
        self._current = 0.0
        self._people.restart()
        self._apply()

    def asked(self, function: int, address: int, count: int) -> None:
        self._people.look()

    def _noticed(self) -> None:
        self._reserved = self._reserved and not self._twin.plugged

    def _apply(self) -> None:
        charges = self._mode != STOP and not self._stopped and not self._unavailable
        obey(self._twin, current_limit=self._wanted(), enabled=charges)

    def _wanted(self) -> float:
        """A that the mode gives; a current of 0 has not been set."""
        most = min(self._current or self._highest, self._highest, float(self._breaker))
        if self._mode == ECO:
            most = min(most, ECO_CURRENT[self._eco_gear])
        if self._mode == GREEN:
            most = 0.0  # its own regulation, which has no surplus here
        return min(most, self._twin.max_current)

    # commands

    @property
    def use_mode(self) -> int:
        return self._mode

    @use_mode.setter
    def use_mode(self, code: int) -> None:
        one_of(code, STOP, FAST, ECO, GREEN)
        if self._mode == STOP and not self._second:
            return  # it stays, see the head of this module
        self._mode = code
        self._apply()

    @property
    def command(self) -> int:
        return 0

    @command.setter
    def command(self, code: int) -> None:
        one_of(code, 0, AVAILABLE, UNAVAILABLE, STOP_CHARGING, START_CHARGING, RESERVE, CANCEL)
        match code:
            case 1 | 2:
                self._unavailable = code == UNAVAILABLE
            case 3:
                self._stopped = True
            case 4:
                self._stopped = False
                self._mode = self._mode or FAST
                obey(self._twin, authorized=True)
            case 5 | 6:
                self._reserved = code == RESERVE and not self._twin.plugged
        self._apply()

    @property
    def charge_current(self) -> float:
        """A that were set, 0 for none; what is in force when something else moved the limit."""
        limit = self._twin.current_limit
        return self._current if limit == self._wanted() else limit

    @charge_current.setter
    def charge_current(self, amperes: float) -> None:
        if amperes and not self._twin.min_current - 1e-9 <= amperes <= 32.0 + 1e-9:
            raise IllegalValue(f"{amperes:g} A is neither 0 nor 6 to 32")
        self._current = amperes
        self._apply()

    @property
    def start_mode(self) -> int:
        return SWIPE_CARD if self._people.needs_card else PLUG_AND_CHARGE

    @start_mode.setter
    def start_mode(self, code: int) -> None:
        one_of(code, PLUG_AND_CHARGE, SWIPE_CARD, *((2,) if self._second else ()))
        self._people.needs_card = code != PLUG_AND_CHARGE
        obey(self._twin, authorized=not self._people.needs_card)

    # phases

    @property
    def charge_phase(self) -> int:
        return self._phase

    @charge_phase.setter
    def charge_phase(self, code: int) -> None:
        """0 all three, 1 to 3 that one alone."""
        self._phase = one_of(code, 0, 1, 2, 3)
        self._switch(1 if code else 3)

    @property
    def phase_switch(self) -> int:
        return 1 if self._twin.phases == 1 else 2

    @phase_switch.setter
    def phase_switch(self, code: int) -> None:
        self._switch(1 if one_of(code, 1, 2) == 1 else 3)

    def _switch(self, phases: int) -> None:
        if self._twin.voltage_l3 is not None and self._twin.phases != phases:
            self._switched_at = self._device.clock() + float(self._facts["switching"])
            self._twin.phases = phases

    @property
    def phases_in_use(self) -> int:
        return self.phase_switch

    @property
    def active_phase(self) -> int:
        return self._phase or int(self._twin.phases == 1)

    @property
    def phase_type(self) -> int:
        return int(self._twin.voltage_l3 is not None)

    # what it tells

    @property
    def run_mode(self) -> int:
        twin = self._twin
        if twin.vehicle in ("E", "F"):
            return FAULTED
        if self._unavailable:
            return IS_UNAVAILABLE
        if not twin.plugged:
            return RESERVED if self._reserved else IS_AVAILABLE
        if self._second and self._device.clock() < self._switched_at:
            return SWITCHING
        if not twin.authorized:
            return FINISHING if twin.session_energy > 0 else CARD_ACTIVATION
        if twin.vehicle in ("C", "D"):
            return CHARGING
        if not twin.enabled:
            return PAUSED
        return BY_CAR if twin.offered_current else BY_STATION

    @property
    def fault(self) -> int:
        return {"E": PILOT, "F": RELAY}.get(self._twin.vehicle, 0)

    @property
    def firmware_code(self) -> int:
        return int(self._facts["firmware"][self._facts["generation"]])

    @property
    def firmware(self) -> str:
        return f"{self.firmware_code // 100}.{self.firmware_code % 100:02d}"

    @property
    def scene_in_force(self) -> int:
        """G1: home or OCPP, as built. G2: the scene that was chosen."""
        return int(self.scene) if self._second else 0

    @property
    def frequency_l2(self) -> float | None:
        return self._twin.frequency if self._twin.voltage_l3 is not None else None

    @property
    def cc_voltage(self) -> float:
        return 3.3

    @property
    def cp_voltage(self) -> float:
        return PILOT_VOLTAGE[self._twin.vehicle]

    @property
    def duty_cycle(self) -> float:
        """Percent of PWM: 0.6 A each."""
        return self._twin.offered_current / 0.6 if self._twin.plugged else 100.0

    @property
    def duration(self) -> int:
        return int(self._people.seconds)

    @property
    def locked(self) -> int:
        return int(self._twin.plugged)

    @property
    def at_full_power(self) -> int:
        return int(self._twin.plugged and self._twin.offered_current >= self._twin.max_current)

    @property
    def mode_active(self) -> int:
        """0 fast, 1 eco, 2 green."""
        return max(self._mode - 1, 0)

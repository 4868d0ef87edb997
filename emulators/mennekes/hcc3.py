"""MENNEKES HCC3: a current limit that the app may change too, and commands that change the state of charging.

Source: "Description: access to AMTRON with HCC3 via MODBUS-TCP", 2021-06-25. It knows no failsafe and does not say
whether a limit outlasts a power cut; it is taken to be a setting that does.
"""

from emulators.faces.charging import People, obey
from emulators.faces.texts import swapped
from emulators.family.profile import Facts
from emulators.table.answers import IllegalValue
from emulators.wires.device import Device
from twin.charger import ChargingPoint

PAUSE, CONTINUE, TERMINATE, START = 1, 2, 3, 4
IDLE, AUTHORIZE, CONNECT, CHARGING, PAUSED, TERMINATED, ERROR = range(7)
CP_STATES = {"A": 1, "B": 3, "C": 5, "D": 7}  # without PWM; one more with it
STARTUP, OVERTEMPERATURE, CONTROLLER = 30, 13, 11
OPEN, AMPERES_32 = 1, 4  # PP
LOWEST, HIGHEST = 6, 32  # A
NOMINAL = 230  # V


class Hcc3:
    """Registers of the box. Currents in whole A."""

    def __init__(self, twin: ChargingPoint, facts: Facts, device: Device) -> None:
        self._twin, self._facts, self._device = twin, facts.more, device
        self._paused = self._terminated = False
        self._ready_at = 0.0
        self._people = People(twin, facts, device, reboot=device.restart, noticed=self._noticed, key=self._apply)
        self.operator = {**self._people.operator, "app": self.app}
        self.installation_current = min(float(self._facts["installation_current"]), twin.max_current)
        twin.current_limit = self.installation_current

    def reboot(self) -> None:
        self._ready_at = self._device.clock() + float(self._facts["startup"])
        self._paused = self._terminated = False
        self._people.restart()
        self._apply()

    def closed(self) -> bool:
        """The operation modes that have no server."""
        return not isinstance(self._facts["operation_mode"], int)

    def asked(self, function: int, address: int, count: int) -> None:
        self._people.look()

    def _noticed(self) -> None:
        if not self._twin.plugged and (self._paused or self._terminated):
            self._paused = self._terminated = False
            self._apply()

    def _apply(self) -> None:
        obey(self._twin, enabled=not self._paused and not self._terminated and self._people.unlocked)

    # holding registers and the coil

    @property
    def limit(self) -> float:
        return self._twin.current_limit

    @limit.setter
    def limit(self, amperes: int) -> None:
        if amperes and not LOWEST <= amperes <= HIGHEST:
            raise IllegalValue(f"{amperes} A is neither 0 nor 6 to 32")
        self._twin.current_limit = min(float(amperes), self.installation_current)

    def app(self, amperes: int) -> None:
        """Somebody changes the limit in the MENNEKES Charge App; the last writer wins."""
        self.limit = amperes

    @property
    def change(self) -> int:
        return 0

    @change.setter
    def change(self, code: int) -> None:
        if code not in (PAUSE, CONTINUE, TERMINATE, START):
            raise IllegalValue(f"charge state {code}")
        if code == START:
            self._twin.authorized, self._terminated = True, False
        elif code == TERMINATE:
            self._terminated = self._twin.plugged
        self._paused = code == PAUSE or (self._paused and code == TERMINATE)
        self._apply()

    @property
    def restart_now(self) -> int:
        return 0

    @restart_now.setter
    def restart_now(self, on: int) -> None:
        if on:
            self._device.restart()

    # input registers

    @property
    def outside_temperature(self) -> float:
        """The sensor outside the panel, which is cooler by what the electronics lose (assumed)."""
        return self._twin.temperature - 7.5

    @property
    def cp_state(self) -> int:
        state = CP_STATES.get(self._twin.vehicle, 0)
        return state + int(state > 0 and self._twin.offered_current > 0)

    @property
    def pp_state(self) -> int:
        return AMPERES_32 if self._twin.plugged else OPEN

    @property
    def error(self) -> int:
        if self._device.clock() < self._ready_at:
            return STARTUP
        return {"E": CONTROLLER, "F": OVERTEMPERATURE}.get(self._twin.vehicle, 0)

    @property
    def amtron_state(self) -> int:
        twin = self._twin
        if self.error:
            return ERROR
        if not twin.plugged:
            return CONNECT if self._people.needs_card and twin.authorized else IDLE
        if self._terminated:
            return TERMINATED
        if not twin.authorized:
            return AUTHORIZE
        return CHARGING if twin.offered_current else PAUSED

    @property
    def operation_mode(self) -> int:
        """0 in a mode that nobody can read, because it has no server."""
        return 0 if self.closed() else int(self._facts["operation_mode"])

    @property
    def serial(self) -> int:
        return int(self._facts["serial"])

    @property
    def metered_power(self) -> float:
        """Derived from energy, only with a meter. Its overshoots are not emulated."""
        return float(self._twin.power) if self._facts["meter"] else 0.0

    @property
    def name_text(self) -> str:
        return swapped(str(self._facts["wallbox_name"])[:22])

    @property
    def planned_min_current(self) -> float:
        return self._twin.min_current if self._twin.plugged else 0.0

    @property
    def planned_max_current(self) -> float:
        return min(self._twin.vehicle_current, self.installation_current) if self._twin.plugged else 0.0

    @property
    def planned_min_power(self) -> float:
        return self.planned_min_current * NOMINAL * self._twin.vehicle_phases

    @property
    def planned_max_power(self) -> float:
        return self.planned_max_current * NOMINAL * self._twin.vehicle_phases

    # discrete inputs

    @property
    def contactor(self) -> int:
        return int(float(self._twin.power) > 0)

    @property
    def contactor_open(self) -> int:
        return 1 - self.contactor

    @property
    def locked(self) -> int:
        return int(self._twin.plugged and self._facts["connector"] in (3, 4))

    @property
    def external_switch(self) -> int:
        return int(self.operation_mode == 3)

    @property
    def card_needed(self) -> int:
        return int(self._people.needs_card)

    @property
    def autostart(self) -> int:
        return 1 - self.card_needed

"""Phoenix Contact EV Charge Control Basic over RS-485: a coil enables, a register bounds, both are volatile.

Source: user manual 106377_en_04, p. 54 to 61. The status is a letter in the high byte and 1 or 2 in the low one: 2 with
a PWM signal.
"""

from emulators.faces.charging import People, obey
from emulators.faces.settings import Stored, kept, one_of, within
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.charger import ChargingPoint

BY_COIL, ALWAYS, BY_INPUT = 3, 0, 1
AVAILABLE_BY_COIL = 2  # 4001
RESET = 17281
LOWEST, HIGHEST = 6, 63  # A
CHARGING, CONNECTED = 1 << 2, 1 << 3  # outputs CHG and CON


class EvSer:
    """Registers and coils of the controller."""

    enable_by = kept("_enable_by", one_of, 0, 1, 2, 3)
    release_by = kept("_release_by", one_of, 0, 1, 2)
    enabled_by_coil = kept("_enabled", one_of, 0, 1)
    available = kept("_available", one_of, 0, 1)
    locked = kept("_locked", one_of, 0, 1)

    def __init__(self, twin: ChargingPoint, facts: Facts, device: Device) -> None:
        self._twin, self._facts, self._device = twin, facts.more, device
        self._people = People(twin, facts, device, reboot=device.restart, key=self._apply)
        self.operator = self._people.operator
        self._factory()
        self._enable_by = int(self._facts["enable_by"])
        self.reboot()

    def _factory(self) -> None:
        """The retentive settings as delivered; input EN is wired to be on."""
        self._enable_by, self._release_by = BY_INPUT, 0
        self.parts = (Stored({
            "lock_by": 0, "contactor_monitoring": 0, "contactor_delay": 200, "status_d": 0, "residual_current": 0,
            "adaptation": 1, "adaptation_threshold": 0, "output_out": 0, "output_err": 0, "output_chg": 0,
            "output_con": 0,
        }),)  # fmt: skip

    def reboot(self) -> None:
        """Power returns: volatile registers are lost; the coil is off (assumed)."""
        self._enabled, self._available, self._locked = 0, 1, 0
        self.rcm_test = 0
        self._twin.current_limit = self._twin.max_current
        self._people.restart()
        self._apply()

    def asked(self, function: int, address: int, count: int) -> None:
        self._people.look()

    def _apply(self) -> None:
        enabled = bool(self._enabled) if self._enable_by == BY_COIL else True
        obey(self._twin, enabled=enabled and self._reachable and self._people.unlocked)

    @property
    def _reachable(self) -> bool:
        return bool(self._available) or self._release_by != AVAILABLE_BY_COIL

    @property
    def limit(self) -> float:
        return self._twin.current_limit

    @limit.setter
    def limit(self, amperes: int) -> None:
        self._twin.current_limit = float(within(amperes, LOWEST, HIGHEST))

    @property
    def factory_reset(self) -> int:
        return 0

    @factory_reset.setter
    def factory_reset(self, code: int) -> None:
        if code == RESET:
            self._factory()
            self._apply()

    @property
    def restart_now(self) -> int:
        return 0

    @restart_now.setter
    def restart_now(self, on: int) -> None:
        if on:
            self._device.restart()

    @property
    def status(self) -> int:
        """Two characters: A1, A2, B1 ... or E0, F0."""
        vehicle = str(self._twin.vehicle) if self._reachable else "F"
        digit = 0 if vehicle in ("E", "F") else 2 if self._twin.offered_current else 1
        return ord(vehicle) << 8 | ord(f"{digit}")

    @property
    def proximity(self) -> float:
        return self._twin.max_current if self._twin.plugged else 0

    @property
    def pilot_current(self) -> float:
        return self._twin.offered_current

    @property
    def duty_cycle(self) -> float:
        """Percent of PWM that stands for the current: 0.6 A a percent."""
        return self._twin.offered_current / 0.6

    @property
    def outputs(self) -> int:
        return CONNECTED * self._twin.plugged + CHARGING * int(self._twin.vehicle == "C")

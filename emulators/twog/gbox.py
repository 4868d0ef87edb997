"""A CHP in external control: as long as the controller's life counter changes, and never again before somebody comes.

EXTERNAL goes over into a latched state of its own when the counter has not changed for its time, whatever the reason.
Latched, it decides itself; its values are read, what is written is taken and has no effect. Only a person at the unit
ends that.
"""

from collections.abc import Callable

from emulators.family.profile import Facts
from emulators.table.answers import IllegalValue
from emulators.wires.device import Device
from twin.plants import Chp

OFF, READY, STARTING, SYNCHRONISING, RUNNING, STOPPING, FAULT, BLOCKED = range(8)
CODES = {"off": OFF, "standby": READY, "starting": STARTING, "running": RUNNING, "limited": RUNNING, "fault": FAULT}
ACTIVE, ALLOWED, ALARM, HEAT_DEMAND, COMMUNICATION_LOST = (1 << bit for bit in range(5))
REQUEST, START, RESET_FAULT = (1 << bit for bit in range(3))
TRIPPED = 41  # fault code
LAST_SECONDS = 15.0  # s of a start in which it synchronises
LOWEST = 50.0  # % that can be asked for


class GBox:
    """Gateway and controller of one unit. `attended`: somebody is there who can be asked."""

    def __init__(self, twin: Chp, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        self._clear()
        self.latched, self.allowed = bool(facts.more["latched"]), not facts.more["latched"]
        self.operator: dict[str, Callable[..., None]] = {
            "reset": self.reset, "forbid_external": self.forbid_external, "break": self.fail, "repair": self.repair,
        }  # fmt: skip
        if facts.more["attended"]:
            self.operator["external_control"] = self.reset

    def _clear(self) -> None:
        """The gateway's outputs without a controller."""
        self._bits, self._life = 0, 0
        self._percent: float | None = None  # None: never written since
        self._wanted = False  # whether it has been asked to run

    def reboot(self) -> None:
        """The gateway restarts: its outputs are empty, and the life counter stands."""
        self._bits = 0
        self._percent = None
        self._apply()

    # what the controller writes

    @property
    def external(self) -> bool:
        """Whether set-points count."""
        return bool(self._bits & REQUEST) and self.allowed and not self.latched

    @property
    def control_bits(self) -> int:
        return self._bits

    @control_bits.setter
    def control_bits(self, bits: int) -> None:
        before, self._bits = self.external, bits
        if self.external and not before:
            self._wanted = self._twin.phase in ("starting", "running")
            self._live()
        if bits & RESET_FAULT and self._twin.faulty:
            self._twin.trip(False)
        self._apply()

    @property
    def setpoint_percent(self) -> float | None:
        return self._percent

    @setpoint_percent.setter
    def setpoint_percent(self, percent: float) -> None:
        if percent and not LOWEST <= percent <= 100:
            raise IllegalValue(f"{percent:g} %")
        self._percent = percent
        self._apply()

    @property
    def life_counter(self) -> int:
        return self._life

    @life_counter.setter
    def life_counter(self, count: int) -> None:
        if count != self._life:
            self._life = count
            if self.external:
                self._live()

    def _live(self) -> None:
        self._twin.at("g-box life", self._device.clock() + float(self._facts["life"]), self._lose)

    def _lose(self) -> None:
        """The counter has stood for too long."""
        self._clear()
        self.latched, self.allowed = True, False
        self._apply()

    def _apply(self) -> None:
        if not self.external or self._percent is None:
            if not self.external:
                self._twin.cancel("g-box life")
            self._twin.power_setpoint = None
            return
        self._wanted = (self._wanted or bool(self._bits & START)) and self._percent > 0
        self._twin.power_setpoint = self._percent / 100 * self._twin.rated_power if self._wanted else 0.0

    # what it tells

    @property
    def state_code(self) -> int:
        twin = self._twin
        if twin.stops:
            return STOPPING
        if twin.status == "starting" and twin.phase == "starting" and twin.left <= LAST_SECONDS:
            return SYNCHRONISING
        if twin.phase == "off" and twin.target and twin.status == twin.stands:
            return BLOCKED
        return CODES[str(twin.status)]

    @property
    def status_bits(self) -> int:
        told = {
            ACTIVE: self.external, ALLOWED: self.allowed, ALARM: self._twin.status == "fault",
            HEAT_DEMAND: self._twin.own_power > 0, COMMUNICATION_LOST: self.latched,
        }  # fmt: skip
        return sum(bit for bit, on in told.items() if on)

    @property
    def fault_code(self) -> int:
        return TRIPPED if self._twin.status == "fault" else 0

    @property
    def return_temperature(self) -> float:
        full = self._twin.rated_power * self._twin.heat_share()
        return self._twin.water_temperature - 20.0 * float(self._twin.heat_power) / full

    @property
    def exhaust_temperature(self) -> float:
        """Behind the exhaust's heat exchanger."""
        return 112.4 if self._twin.phase == "running" else 31.7

    @property
    def engine_temperature(self) -> float:
        return 87.6 if self._twin.phase == "running" else 52.3

    # what only a person at the unit can do

    def reset(self) -> None:
        """Put it back into the mode of external control."""
        self.latched, self.allowed = False, True
        if self.external:
            self._live()
        self._apply()

    def forbid_external(self) -> None:
        """Take it out of external control, e.g. for maintenance."""
        self.allowed = False
        self._apply()

    def fail(self) -> None:
        self._twin.trip()

    def repair(self) -> None:
        self._twin.trip(False)

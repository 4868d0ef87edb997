"""An Enapter EL 2.1: started and stopped, a production rate in percent, and a configuration that is committed whole."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from emulators.faces.settings import one_of, within
from emulators.family.profile import Facts
from emulators.table.answers import Busy, IllegalValue
from emulators.table.owners import Named
from emulators.wires.device import Device
from twin.plants import Electrolyser

OPERATES, FAULTY = 1, 2  # of the system
HALTED, MAINTENANCE, IDLE, STEADY, STANDBY, CURVE, BLOWDOWN = range(7)  # of the electrolyser
STATES = {"off": HALTED, "standby": IDLE, "starting": IDLE, "running": STEADY, "limited": STEADY, "fault": HALTED}
DONE, NOT_BEGUN = 0, 2  # results of a configuration
ANSWERED = 0.1  # s in which a request to restart is answered before that
CONFIGURATION = {
    4042: 6, 4308: 35.0, 4310: 30.0, 4396: 100.0, 4400: 1.0, 4402: 4.0, 4418: 30_000, 4600: 0,
}  # fmt: skip


class El21:
    """The registers of one electrolyser. Nobody but its client starts it."""

    def __init__(self, twin: Electrolyser, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        self.water_pressure = 237_000.0  # Pa
        self._kept: dict[int, float] = dict(CONFIGURATION) | {4600: int(facts.more["heartbeat"])}
        self._staged: dict[int, float] | None = None
        self.configuration_result = DONE
        self._started = device.clock()
        self._deaf_until = float("-inf")
        self.settings = SimpleNamespace(refilling=0, preheat=0, flushing=0)
        self.parts = (Named("set", self.settings),)
        self.operator: dict[str, Callable[..., None]] = {"break": self.fail, "repair": self.repair}
        self.reboot()

    def _default(self) -> None:
        self._run, self._rate, self._maintenance = 0, float(self._kept[4396]), 0

    def reboot(self) -> None:
        """The configuration is kept; what was commanded is not, and it stands."""
        self._staged, self._started = None, self._device.clock()
        self._default()
        self._apply()

    def closed(self) -> bool:
        """While its firmware starts nobody answers."""
        return self._device.clock() < self._deaf_until

    def asked(self, function: int, address: int, count: int) -> None:
        """Any request is a heartbeat."""
        seconds = float(self._kept[4600])
        if seconds:
            self._twin.at("electrolyser heartbeat", self._device.clock() + seconds, self._silent)

    def _silent(self) -> None:
        self._run = 0
        self._apply()

    # what it is told

    @property
    def running_command(self) -> int:
        return self._run

    @running_command.setter
    def running_command(self, on: int) -> None:
        self._run = one_of(on, 0, 1)
        self._apply()

    @property
    def production_rate(self) -> float:
        return self._rate

    @production_rate.setter
    def production_rate(self, percent: float) -> None:
        self._rate = within(percent, float(self._facts["lowest"]), 100)
        self._apply()

    @property
    def maintenance(self) -> int:
        return self._maintenance

    @maintenance.setter
    def maintenance(self, on: int) -> None:
        """It has to stand for that."""
        if on and self._run:
            raise IllegalValue("it runs")
        self._maintenance = int(bool(on))
        self._apply()

    @property
    def restart_command(self) -> int:
        return 0

    @restart_command.setter
    def restart_command(self, on: int) -> None:
        one_of(on, 1)
        self._twin.at("electrolyser restart", self._device.clock() + ANSWERED, self._restart)

    def _restart(self) -> None:
        self._deaf_until = self._device.clock() + float(self._facts["firmware_reboot"])
        self.reboot()
        if self._device.endpoint is not None:
            self._device.endpoint.drop_all()

    def _apply(self) -> None:
        twin, lowest = self._twin, float(self._facts["lowest"])
        share = (self._rate - lowest) / (100 - lowest)
        watts = twin.minimum_power + share * (twin.rated_power - twin.minimum_power)
        twin.power_setpoint = watts if self._run and not self._maintenance else 0.0

    # configuration: begun, written, committed or rolled back

    @property
    def configuring(self) -> int:
        return int(self._staged is not None)

    @property
    def configuration_begin(self) -> int:
        return 0

    @configuration_begin.setter
    def configuration_begin(self, on: int) -> None:
        one_of(on, 1)
        if self._staged is not None:
            raise Busy
        self._staged = {}

    @property
    def configuration_commit(self) -> int:
        return 0

    @configuration_commit.setter
    def configuration_commit(self, take: int) -> None:
        one_of(take, 0, 1)
        if self._staged is None:
            self.configuration_result = NOT_BEGUN
            return
        if take:
            self._kept |= self._staged
            self.configuration_result = DONE
        self._staged = None
        self.asked(3, 0, 1)
        if not self._kept[4600]:
            self._twin.cancel("electrolyser heartbeat")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("config_"):
            return self._kept[int(name[7:])]
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("config_"):
            super().__setattr__(name, value)
        elif self._staged is None:
            raise IllegalValue("no configuration has begun")
        else:
            self._staged[int(name[7:])] = value

    # what it tells

    @property
    def system_state(self) -> int:
        return FAULTY if self._twin.status == "fault" else OPERATES

    @property
    def electrolyser_state(self) -> int:
        if self._maintenance:
            return MAINTENANCE
        return BLOWDOWN if self._twin.stops else STATES[str(self._twin.status)]

    @property
    def error_count(self) -> int:
        return int(self._twin.status == "fault")

    @property
    def error_code(self) -> int:
        return int(self._facts["faults"]["overheated"]) if self.error_count else 0

    @property
    def overheated(self) -> int:
        return self.error_count

    @property
    def uptime(self) -> float:
        return self._device.clock() - self._started

    @property
    def hydrogen_told(self) -> float | None:
        """Standard m3/h, None while it makes none."""
        return self._twin.hydrogen_flow or None

    @property
    def stack_voltage(self) -> float:
        return float(self._facts["stack_voltage"]) if self._twin.hydrogen_flow else 0.0

    @property
    def stack_current(self) -> float:
        """A; the stack takes nearly all of the power."""
        return float(self._twin.power) / self.stack_voltage if self.stack_voltage else 0.0

    # what only a person at the device can do

    def fail(self) -> None:
        """Its electronics are too hot: it stands until somebody has seen to that."""
        self._run = 0
        self._apply()
        self._twin.trip()

    def repair(self) -> None:
        self._twin.trip(False)

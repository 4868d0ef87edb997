"""FoxESS H3: measurements, work mode, and the remote control that the list does not use.

Source: foxess_modbus and evcc. Remote control lasts 44001 seconds after its last write, then the work mode returns.
Signs: battery and inverter positive when discharging, the current transformers positive when exporting.
"""

from collections.abc import Callable
from functools import partial

from emulators.faces.gridmeter import HybridMeter
from emulators.faces.settings import kept, one_of, within
from emulators.faces.terminals import BatteryTerminals, DcInputs, SignedCurrents
from emulators.faces.today import Today
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.battery import BatteryInverter

COUNTED = ("energy", "pv_energy", "charge_energy", "discharge_energy")
STATES = {"off": 1, "standby": 1, "starting": 2, "running": 3, "limited": 3, "fault": 5}  # self test, check, normal


class H3:
    """The inverter; an address that it does not have is refused with 2."""

    def __init__(self, twin: BatteryInverter, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        self._model_name = " " + str(facts.more["string"])
        self.firmware = "1.71"  # of the manager; 1.80 and later select a second profile
        self._meter = HybridMeter(twin, device)
        inputs = DcInputs(lambda: float(twin.pv_power), 2, float(facts.more["pv_voltage"]))
        battery = BatteryTerminals(twin, float(facts.more["battery_voltage"]))
        counters: dict[str, Callable[[], float]] = {name: partial(getattr, twin, name) for name in COUNTED}
        counters |= {name: partial(getattr, self._meter, name) for name in ("import_energy", "export_energy")}
        counters["load_energy"] = lambda: self.load_energy
        self.parts = (self._meter, inputs, battery, SignedCurrents(twin), Today(counters, device.clock))
        self._work_mode = 0
        self._lowest, self._on_grid, self._highest = 10.0, 10.0, 100.0
        self._remote, self._seconds, self._power = 0, float(facts.more["remote_timeout"]), 0.0
        self.operator = {"power-cycle": self.reboot}
        self._apply()

    def reboot(self) -> None:
        """Remote control is gone, settings stay."""
        self._remote, self._power, self._seconds = 0, 0.0, float(self._facts["remote_timeout"])
        self._feed()

    def asked(self, function: int, address: int, count: int) -> None:
        self._meter.look()

    @property
    def manager_version(self) -> int:
        return int(self.firmware.replace(".", ""))

    # settings

    work_mode = kept("_work_mode", one_of, 0, 1, 2)  # self-use, feed-in first, backup
    lowest_soc = kept("_lowest", within, 10, 100)
    lowest_soc_on_grid = kept("_on_grid", within, 10, 100)
    highest_soc = kept("_highest", within, 10, 100)

    @property
    def remote_enable(self) -> int:
        return self._remote

    @remote_enable.setter
    def remote_enable(self, on: int) -> None:
        self._remote = int(bool(on))
        self._feed()

    remote_timeout = kept("_seconds", then="_feed")
    remote_power = kept("_power", then="_feed")  # W, negative when charging

    # measurements

    @property
    def grid_phase(self) -> float:
        return float(self._twin.grid_power) / 3

    @property
    def load_phase(self) -> float:
        return (float(self._twin.grid_power) + float(self._twin.power)) / 3

    @property
    def load_energy(self) -> float:
        return max(self._twin.energy + self._meter.import_energy - self._meter.export_energy, 0.0)

    def __getattr__(self, name: str) -> int:
        """letter_<k> of the model."""
        if not name.startswith("letter_"):
            raise AttributeError(name)
        return ord(self._model_name.ljust(16, "\0")[int(name[7:])])

    @property
    def state_code(self) -> int:
        return STATES[self._twin.status]

    def _feed(self) -> None:
        """A write to the block starts its time anew; 0 s is taken as no time-out."""
        if self._remote and self._seconds:
            self._twin.at("remote", self._device.clock() + self._seconds, self._expire)
        else:
            self._twin.cancel("remote")
        self._apply()

    def _expire(self) -> None:
        self._remote = 0
        self._apply()

    def _apply(self) -> None:
        twin = self._twin
        twin.soc_min, twin.soc_max = max(self._lowest, self._on_grid), self._highest
        twin.battery_setpoint = self._power - float(twin.pv_power) if self._remote else None

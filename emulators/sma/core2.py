"""SMA Tripower CORE2: SunSpec only. Control through model 123 is assumed; nobody has shown it in public."""

from emulators.controls import ImmediateControls, Shown
from emulators.device import Device
from emulators.profile import Facts
from twin.pv import PvInverter


class Core2:
    """Immediate controls over a PV inverter; they are lost at a restart."""

    def __init__(self, twin: PvInverter, facts: Facts, device: Device) -> None:
        def act(percent: float | None) -> None:
            twin.power_limit = twin.rated_power * (100.0 if percent is None else percent) / 100

        self._controls = ImmediateControls(twin, device.clock, act)
        self.parts = (self._controls, Shown(twin))

    def reboot(self) -> None:
        self._controls.restart()

"""AE REFUsol and AE 3TL: SunSpec controls over a PV inverter, all of it assumed; lost at a restart."""

from emulators.controls import ImmediateControls, Shown
from emulators.device import Device
from emulators.profile import Facts
from twin.pv import PvInverter


class RefuSol:
    """Immediate controls: the reversion time is honoured, 0 (as delivered) is none."""

    def __init__(self, twin: PvInverter, facts: Facts, device: Device) -> None:
        def act(percent: float | None) -> None:
            twin.power_limit = twin.rated_power * (100.0 if percent is None else percent) / 100

        self._controls = ImmediateControls(twin, device.clock, act)
        self.parts = (self._controls, Shown(twin))

    def reboot(self) -> None:
        self._controls.restart()

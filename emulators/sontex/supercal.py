"""A heat meter on a serial line behind a gateway, which answers for it while it does not."""

from collections.abc import Callable

from emulators.family.profile import Facts
from emulators.table.answers import GatewayTargetSilent
from emulators.wires.device import Device
from twin.heat import HeatMeter


class Supercal:
    """The meter, and the wire between it and its gateway."""

    def __init__(self, twin: HeatMeter, facts: Facts, device: Device) -> None:
        self._twin = twin
        self._wired = True
        self.operator: dict[str, Callable[..., None]] = {"cut_line": self.cut_line, "mend_line": self.mend_line}

    def asked(self, function: int, address: int, count: int) -> None:
        if not self._wired:
            raise GatewayTargetSilent

    @property
    def temperature_difference(self) -> float:
        """K."""
        return self._twin.flow_temperature - self._twin.return_temperature

    def cut_line(self) -> None:
        """The meter's module loses its supply, or the line to the gateway is cut."""
        self._wired = False

    def mend_line(self) -> None:
        self._wired = True

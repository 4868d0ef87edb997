"""A heat meter that shows new values every ten seconds, and pulses of the meters at its inputs."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.heat import HeatMeter

SHOWN = (
    "flow", "heat_power", "flow_temperature", "return_temperature", "heat_energy", "cooling_energy", "volume",
    "operating_hours", "pulse_a", "pulse_b", "info_code",
)  # fmt: skip
NO_WATER = 1 << 3  # assumed: no flow although there should be, of the info code


class Multical:
    """What the module shows: the meter's values as of its last look, or of when somebody set them."""

    def __init__(self, twin: HeatMeter, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        twin.info_code = int(facts.more["info_code"])
        self.third_temperature = 21.4
        self._seen, self._at = SimpleNamespace(), float("-inf")
        twin.on_change(self._look)
        self._look()
        self.operator: dict[str, Callable[..., None]] = {"pulse": self.pulse, "info": self.info}

    def asked(self, function: int, address: int, count: int) -> None:
        if self._device.clock() - self._at >= float(self._facts["refresh"]):
            self._look()

    def _look(self) -> None:
        self._seen = SimpleNamespace(**{name: getattr(self._twin, name) for name in SHOWN})
        self._at = self._device.clock()

    def __getattr__(self, name: str) -> Any:
        if name in SHOWN:
            return getattr(self._seen, name)
        raise AttributeError(name)

    # what happens at the meter

    def pulse(self, input: str = "a", count: float = 1.0) -> None:
        """A water or electricity meter at one of the inputs has counted."""
        name = f"pulse_{input}"
        self._twin.set(name, getattr(self._twin, name) + count)

    def info(self, code: int = NO_WATER) -> None:
        """The meter finds something wrong, or nothing any more."""
        self._twin.set("info_code", int(code))

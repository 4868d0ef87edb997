"""A gas meter that counts pulses of a hundredth of a cubic metre, with or without conversion to normal conditions."""

from collections.abc import Callable
from math import floor

from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.heat import GasMeter

ALARM, BATTERY_LOW, PULSE_INPUT_BROKEN, CLOCK_INVALID = 1, 2, 4, 8
MEDIA = {"gas": 1, "compressed air": 2}


class Bmg1020:
    """The counters, and what is wrong with their input."""

    def __init__(self, twin: GasMeter, facts: Facts, device: Device) -> None:
        self._twin, self._facts, self._device = twin, facts.more, device
        self._bits = 0
        self.medium = MEDIA[str(facts.more["medium"])]
        twin.converts = bool(facts.more["conversion"])
        twin.burns = self.medium == MEDIA["gas"]
        twin.pressure, twin.temperature = 100.0 * float(facts.more["pressure"]), float(facts.more["temperature"])
        self._lost = 0.0  # m3 that flowed while nobody counted
        self._stuck: float | None = None
        self.operator: dict[str, Callable[..., None]] = {
            "break_pulse_input": self.break_pulse_input, "mend_pulse_input": self.mend_pulse_input,
            "battery_low": self.battery_low, "change_battery": self.change_battery, "set_counter": self.set_counter,
        }  # fmt: skip

    @property
    def status_bits(self) -> int:
        return self._bits | (ALARM if self._twin.status == "fault" else 0)

    @property
    def volume(self) -> float:
        """m3 in whole pulses."""
        counted = self._twin.volume if self._stuck is None else self._stuck
        pulse = float(self._facts["pulse"])
        return floor((counted - self._lost) / pulse + 1e-6) * pulse

    @property
    def flow(self) -> float:
        return 0.0 if self._stuck is not None else float(self._twin.flow)

    @property
    def standard_volume(self) -> float:
        return self.volume * self._twin.state_number if self._twin.converts else 0.0

    @property
    def standard_flow(self) -> float:
        return self.flow * self._twin.state_number if self._twin.converts else 0.0

    @property
    def calorific_register(self) -> float:
        """Wh/m3, 0 for none."""
        return self._twin.calorific_value if self._twin.burns else 0.0

    @property
    def conversion_number(self) -> float:
        return self._twin.state_number

    @property
    def unix_time(self) -> float:
        return self._device.clock()

    # what happens at the meter

    def break_pulse_input(self) -> None:
        """The wire to the pulse output is cut: nothing is counted until it is mended, and what flowed is lost."""
        if self._stuck is None:
            self._stuck = self._twin.volume
            self._bits |= PULSE_INPUT_BROKEN
            self._twin.set("status", "fault")

    def mend_pulse_input(self) -> None:
        if self._stuck is not None:
            self._lost += self._twin.volume - self._stuck
            self._stuck = None
            self._bits &= ~PULSE_INPUT_BROKEN
            self._twin.set("status", "running")

    def battery_low(self) -> None:
        self._bits |= BATTERY_LOW

    def change_battery(self) -> None:
        """With a new battery the clock has to be set."""
        self._bits = self._bits & ~BATTERY_LOW | CLOCK_INVALID

    def set_counter(self, volume: float = 0.0) -> None:
        """Somebody sets the counter to what the meter itself shows."""
        self._lost = self._twin.volume - float(volume)

"""Energy from counters that wrap, step back, freeze or jump: what really flowed between two readings.

A counter is believed while it grows no faster than its device can. A step back is a wrap when the old value was near
the end of a register and the new one near its beginning, otherwise a new start (a replaced meter, a daily reset):
then nothing is known of the time between, and nothing is counted.
"""

from dataclasses import dataclass

# Ends of registers in Wh that listed devices have: 16, 24, 32 bit and decimal displays, in steps of 0.1 Wh to 1 kWh.
ENDS = tuple(
    sorted(
        {float(size * step) for size in (1 << 16, 1 << 24, 1 << 32) for step in (0.1, 1, 10, 100, 1000)}
        | {10.0**digits for digits in range(7, 13)}
    )
)
COUNTED = ("energy", "import_energy", "export_energy", "charge_energy", "discharge_energy")
NEAR = 0.02  # share of a register that counts as its end or beginning


@dataclass
class Counter:
    """One energy counter. `power` is the most the device can do in W."""

    power: float
    total: float = 0.0  # Wh counted since the first reading
    last: float | None = None
    last_at: float = 0.0
    note: str = ""

    def count(self, reading: float | None, now: float) -> float:
        """Wh since the reading before. `note` says why nothing was counted, empty otherwise."""
        self.note = ""
        if reading is None:
            return 0.0
        before, seconds = self.last, now - self.last_at
        self.last, self.last_at = reading, now
        if before is None or reading == before:
            return 0.0
        grown = reading - before
        possible = 1.2 * self.power * seconds / 3600 + max(
            1100.0, 0.001 * abs(reading)
        )  # one step of a coarse register
        if grown < 0:
            end = next((end for end in ENDS if before <= end and end - before + reading <= possible), None)
            wrapped = end is not None and before > (1 - NEAR) * end and reading < NEAR * end
            grown = end - before + reading if wrapped and end is not None else -1.0
        if grown < 0:
            self.note = f"counter stepped back from {before:.0f} to {reading:.0f} Wh"
            return 0.0
        if grown > possible:
            self.note = f"counter jumped from {before:.0f} to {reading:.0f} Wh in {seconds:.0f} s"
            return 0.0
        self.total += grown
        return grown

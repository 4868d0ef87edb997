"""Meters that a Bender controller reads, and which of its registers each fills.

Source: MENNEKES ECU Modbus TCP Server Specification 1.07, p. 8 and 9. What a meter does not tell is FFFFFFFFh; a total
that has no phases stands at L1.
"""

from dataclasses import dataclass

from twin.charger import ChargingPoint


@dataclass(frozen=True)
class Tells:
    """What a meter tells: energies and powers by phase, or only in total; voltages."""

    energies: bool = False
    powers: bool = True
    voltages: bool = True
    anything: bool = True


METERS = {
    "EV3": Tells(), "eHZ": Tells(voltages=False), "EM2289": Tells(), "S85": Tells(powers=False), "SL85": Tells(),
    "phases": Tells(energies=True), "none": Tells(False, False, False, False),
}  # fmt: skip


class MeterValues:
    """Registers 200 to 227, by `meter_` names. The twin counts in total, so that a phase has its third.

    `whole`: the firmware has totals and voltages; inside of a block an older one says 0 there.
    """

    def __init__(self, twin: ChargingPoint, meter: str, whole: bool = True) -> None:
        self._whole = whole
        if meter not in METERS:
            raise ValueError(f"meter {meter!r} is none of {', '.join(METERS)}")
        self._twin, self._tells = twin, METERS[meter]

    def __getattr__(self, name: str) -> float | None:
        if not name.startswith("meter_"):
            raise AttributeError(name)
        what, _, phase = name.removeprefix("meter_").partition("_")
        return self._value(what, phase)

    def _value(self, what: str, phase: str) -> float | None:
        twin, tells = self._twin, self._tells
        if not self._whole and (what == "voltage" or not phase):
            return 0.0
        if not tells.anything or (what == "voltage" and not tells.voltages):
            return None
        if what in ("energy", "power") and phase and not (tells.energies if what == "energy" else tells.powers):
            return float(getattr(twin, what)) if phase == "l1" else None
        if what == "energy":
            return twin.energy / 3 if phase else twin.energy
        value = getattr(twin, f"{what}_{phase}" if phase else what)
        return None if value is None else float(value)

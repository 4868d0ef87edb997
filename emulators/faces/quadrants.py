"""What meters split by direction and count beyond the twin: each quadrant, phase, tariff and partial counter.

The twin counts active energy in both directions and knows one reactive power. Here every further value follows from
these by fixed shares, all different, so that registers that mean different things never say the same:

    import_power  export_power_l2  reactive_export_power  signed_current_l1  inductive_power_factor
    import_energy_l1  net_energy  inductive_import_energy  tariff2_export_energy  partial_import_energy
"""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from twin.meter import ElectricityMeter

SHARES = (0.31, 0.33, 0.36)  # of a counter, by phase
TARIFFS = {"tariff1_": 0.62, "tariff2_": 0.38}
PARTIAL = 0.4  # of a counter, in its partial counter
# Counter -> its part of what was imported and of what was exported.
ENERGIES: Mapping[str, tuple[float, float]] = {
    "import_energy": (1.0, 0.0),
    "export_energy": (0.0, 1.0),
    "net_energy": (1.0, -1.0),
    "total_energy": (1.0, 1.0),
    "reactive_energy": (0.16, -0.07),
    "reactive_import_energy": (0.21, 0.04),
    "reactive_export_energy": (0.05, 0.11),
    "inductive_energy": (0.20, 0.06),
    "capacitive_energy": (0.06, 0.09),
    "inductive_import_energy": (0.17, 0.0),
    "inductive_export_energy": (0.0, 0.05),
    "capacitive_import_energy": (0.03, 0.0),
    "capacitive_export_energy": (0.0, 0.08),
    "apparent_energy": (1.05, 1.07),
    "apparent_import_energy": (1.04, 0.0),
    "apparent_export_energy": (0.0, 1.06),
    "apparent_inductive_import_energy": (0.71, 0.0),
    "apparent_inductive_export_energy": (0.0, 0.59),
    "apparent_capacitive_import_energy": (0.33, 0.0),
    "apparent_capacitive_export_energy": (0.0, 0.47),
    "net_inductive_energy": (0.17, -0.05),
    "net_capacitive_energy": (0.03, -0.08),
    "net_apparent_inductive_energy": (0.71, -0.59),
    "net_apparent_capacitive_energy": (0.33, -0.47),
}  # fmt: skip


class Quadrants:
    """Values of `twin` by name, `_l1` to `_l3` for a phase; None for a phase that the meter lacks.

    `since`: the part of a counter that its partial counter has counted since it was reset last.
    """

    def __init__(self, twin: ElectricityMeter, since: float = PARTIAL) -> None:
        self._twin, self._since = twin, since
        self._resets: dict[str, float] = {}  # counter -> what it said at its last reset

    def begin_anew(self) -> None:
        """Partial counters begin anew."""
        self._resets = {name: self._energy(name) for name in ENERGIES}

    def __getattr__(self, name: str) -> Any:
        whole, phase = _apart(name)
        measure = MEASURES.get(whole)
        if measure is not None:
            return measure(self._twin, phase)
        if not name.startswith("_") and whole.endswith("energy"):
            part, whole = next(
                ((each, whole.removeprefix(each)) for each in TARIFFS if whole.startswith(each)), ("", whole)
            )
            fresh = whole.startswith("partial_")
            whole = whole.removeprefix("partial_")
            if whole in ENERGIES and (phase or part or fresh or whole not in ("import_energy", "export_energy")):
                energy = self._partial(whole) if fresh else self._energy(whole)
                return self._share(TARIFFS.get(part, 1.0) * energy, phase)
        raise AttributeError(name)

    def _energy(self, name: str) -> float:
        imported, exported = ENERGIES[name]
        return imported * self._twin.import_energy + exported * self._twin.export_energy

    def _partial(self, name: str) -> float:
        if name not in self._resets:
            return self._since * self._energy(name)
        return self._energy(name) - self._resets[name]

    def _share(self, energy: float, phase: int) -> float | None:
        if not phase:
            return energy
        if self._twin.phases == 1:
            return energy if phase == 1 else None
        return SHARES[phase - 1] * energy


def _apart(name: str) -> tuple[str, int]:
    """`power_l2` is the power of phase 2, `power` that of phase 0: the whole."""
    whole, _, phase = name.rpartition("_l")
    return (whole, int(phase)) if phase in ("1", "2", "3") and whole else (name, 0)


def _power(twin: ElectricityMeter, phase: int) -> float | None:
    watts = getattr(twin, f"power_l{phase}") if phase else twin.power
    return None if watts is None else float(watts)


def _reactive(twin: ElectricityMeter, phase: int) -> float | None:
    """var; the phases share evenly."""
    if not phase:
        return float(twin.reactive_power)
    return float(twin.reactive_power) / twin.phases if phase <= twin.phases else None


def _apparent(twin: ElectricityMeter, phase: int) -> float | None:
    watts, var = _power(twin, phase), _reactive(twin, phase)
    return None if watts is None or var is None else math.hypot(watts, var)


def _one_way(measure: Any, direction: Any, sign: int, twin: ElectricityMeter, phase: int) -> float | None:
    """The magnitude of `measure` while `direction` has this sign, else 0."""
    value, towards = measure(twin, phase), direction(twin, phase)
    if value is None or towards is None:
        return None
    return abs(float(value)) if towards * sign > 0 else 0.0


def _signed_current(twin: ElectricityMeter, phase: int) -> float | None:
    """A, negative while exporting; as a whole the sum of the phases."""
    if not phase:
        return sum(_signed_current(twin, each) or 0.0 for each in (1, 2, 3))
    amperes, watts = getattr(twin, f"current_l{phase}"), _power(twin, phase)
    return None if amperes is None or watts is None else math.copysign(float(amperes), watts)


def _signed_power_factor(twin: ElectricityMeter, phase: int) -> float | None:
    """Negative while exporting."""
    watts = _power(twin, phase)
    return None if watts is None else math.copysign(float(twin.power_factor), watts)


def _inductive_power_factor(twin: ElectricityMeter, phase: int) -> float | None:
    """Negative while the load is capacitive."""
    return None if phase > twin.phases else math.copysign(float(twin.power_factor), float(twin.reactive_power))


def _phase_angle(twin: ElectricityMeter, phase: int) -> float | None:
    """Degrees between voltage and current, with the sign of the reactive power."""
    watts, var = _power(twin, phase), _reactive(twin, phase)
    return None if watts is None or var is None else math.degrees(math.atan2(var, watts))


def _neutral_current(twin: ElectricityMeter, phase: int) -> float:
    """A in the neutral conductor: the vector sum of phases 120 degrees apart."""
    a, b, c = (_signed_current(twin, each) or 0.0 for each in (1, 2, 3))
    return math.sqrt(max(a * a + b * b + c * c - a * b - b * c - c * a, 0.0))


def _apparent_sum(twin: ElectricityMeter, phase: int) -> float:
    """VA of the phases added up."""
    return sum(_apparent(twin, each) or 0.0 for each in (1, 2, 3))


def _reactive_sign(twin: ElectricityMeter, phase: int) -> float:
    """1 inductive, -1 capacitive, 0 neither."""
    var = float(twin.reactive_power)
    return math.copysign(1.0, var) if var else 0.0


def _mean_current(twin: ElectricityMeter, phase: int) -> float:
    known = [float(each) for each in (twin.current_l1, twin.current_l2, twin.current_l3) if each is not None]
    return sum(known) / len(known) if known else 0.0


MEASURES: Mapping[str, Any] = {
    "import_power": partial(_one_way, _power, _power, 1),
    "export_power": partial(_one_way, _power, _power, -1),
    "reactive_import_power": partial(_one_way, _reactive, _reactive, 1),
    "reactive_export_power": partial(_one_way, _reactive, _reactive, -1),
    "apparent_import_power": partial(_one_way, _apparent, _power, 1),
    "apparent_export_power": partial(_one_way, _apparent, _power, -1),
    "signed_current": _signed_current,
    "current_mean": _mean_current,
    "current_neutral": _neutral_current,
    "apparent_sum": _apparent_sum,
    "reactive_sign": _reactive_sign,
    "signed_power_factor": _signed_power_factor,
    "inductive_power_factor": _inductive_power_factor,
    "phase_angle": _phase_angle,
}

"""Current and voltage transformers before a meter: it shows primary values, by the ratios that are set in it.

While the ratios that are set are those that are mounted, it shows what is true; another ratio written on the wire
falsifies voltages, currents and powers by the same factor. Counters go on as they are.
"""

from collections.abc import Sequence
from typing import Any

from emulators.table.answers import IllegalValue

BY_VOLTAGE = ("voltage", "line_voltage")
BY_CURRENT = ("current", "signed_current")
BY_POWER = ("power", "apparent", "reactive", "import_power", "export_power")
EXEMPT = ("power_factor", "energy")


class Transformers:
    """Stands before `sources`, and answers for what the ratios falsify.

    `ct_primary`, `ct_secondary` (A), `vt_primary`, `vt_secondary` (V) and the ratios of both, at least 1, can be set.
    """

    def __init__(self, sources: Sequence[object], ct: tuple[float, float], vt: tuple[float, float]) -> None:
        self._sources = sources
        self._owners: dict[str, object] = {}  # who has a quantity, once somebody has asked for it
        self.ct_primary, self.ct_secondary = ct
        self.vt_primary, self.vt_secondary = vt
        self._mounted = self.ct_ratio, self.vt_ratio

    def __setattr__(self, name: str, value: Any) -> None:
        if (name.endswith("_primary") and value < 0) or (name.endswith("_secondary") and value <= 0):
            raise IllegalValue(f"{name} {value:g}")
        super().__setattr__(name, value)

    @property
    def ct_ratio(self) -> float:
        return self.ct_primary / self.ct_secondary

    @ct_ratio.setter
    def ct_ratio(self, ratio: float) -> None:
        self.ct_primary = max(ratio, 1.0) * self.ct_secondary

    @property
    def vt_ratio(self) -> float:
        return self.vt_primary / self.vt_secondary

    @vt_ratio.setter
    def vt_ratio(self, ratio: float) -> None:
        self.vt_primary = max(ratio, 1.0) * self.vt_secondary

    @property
    def ct_used(self) -> int:
        """1 with current transformers, 0 for a direct connection."""
        return int(self._mounted[0] != 1)

    @property
    def vt_used(self) -> int:
        return int(self._mounted[1] != 1)

    def __getattr__(self, name: str) -> Any:
        owner = vars(self).get("_owners", {}).get(name)
        if owner is None:
            owner = self._owners[name] = self._owner(name)
        value = getattr(owner, name)
        ct, vt = self.ct_ratio / self._mounted[0], self.vt_ratio / self._mounted[1]
        if value is None or ct == vt == 1:
            return value
        voltage, current = name.startswith(BY_VOLTAGE), name.startswith(BY_CURRENT)
        return value * (vt if voltage else ct if current else ct * vt)

    def _owner(self, name: str) -> object:
        """Who of the sources has what the ratios falsify; AttributeError for anything else."""
        falsified = name.startswith((*BY_VOLTAGE, *BY_CURRENT, *BY_POWER)) and not any(word in name for word in EXEMPT)
        owner = next((each for each in self._sources if hasattr(each, name)), None) if falsified else None
        if owner is None:
            raise AttributeError(name)
        return owner

"""Current and voltage transformers before a meter: it shows primary values, by the ratios that are set in it.

While the ratios that are set are those that are mounted, it shows what is true; another ratio written on the wire
falsifies voltages, currents and powers by the same factor. Counters go on as they are.
"""

from collections.abc import Sequence
from typing import Any

BY_VOLTAGE = ("voltage", "line_voltage")
BY_CURRENT = ("current", "signed_current")
BY_POWER = ("power", "apparent", "reactive", "import_power", "export_power")
EXEMPT = ("power_factor", "energy")


class Transformers:
    """Stands before `sources`, and answers for what the ratios falsify.

    `ct_primary`, `ct_secondary` (A), `vt_primary`, `vt_secondary` (V) and the ratios of both can be set.
    """

    def __init__(self, sources: Sequence[object], ct: tuple[float, float], vt: tuple[float, float]) -> None:
        self._sources = sources
        self.ct_primary, self.ct_secondary = ct
        self.vt_primary, self.vt_secondary = vt
        self._mounted = self.ct_ratio, self.vt_ratio

    @property
    def ct_ratio(self) -> float:
        return self.ct_primary / self.ct_secondary

    @ct_ratio.setter
    def ct_ratio(self, ratio: float) -> None:
        self.ct_primary = ratio * self.ct_secondary

    @property
    def vt_ratio(self) -> float:
        return self.vt_primary / self.vt_secondary

    @vt_ratio.setter
    def vt_ratio(self, ratio: float) -> None:
        self.vt_primary = ratio * self.vt_secondary

    @property
    def ct_used(self) -> int:
        """1 with current transformers, 0 for a direct connection."""
        return int(self._mounted[0] != 1)

    @property
    def vt_used(self) -> int:
        return int(self._mounted[1] != 1)

    def __getattr__(self, name: str) -> Any:
        current, voltage = name.startswith(BY_CURRENT), name.startswith(BY_VOLTAGE)
        power = name.startswith(BY_POWER)
        if not (current or voltage or power) or any(word in name for word in EXEMPT):
            raise AttributeError(name)
        owner = next((each for each in self._sources if hasattr(each, name)), None)
        if owner is None:
            raise AttributeError(name)
        value = getattr(owner, name)
        ct, vt = self.ct_ratio / self._mounted[0], self.vt_ratio / self._mounted[1]
        if value is None or ct == vt == 1:
            return value
        return value * (vt if voltage else ct if current else ct * vt)

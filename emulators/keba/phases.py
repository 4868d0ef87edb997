"""KEBA P30: one phase or three, switched by an external contactor (X2) on behalf of one interface."""

from collections.abc import Callable, Mapping
from typing import Any

from emulators.table.answers import IllegalValue
from twin.charger import ChargingPoint

SOURCES = range(5)  # none, OCPP, REST, Modbus, UDP


class PhaseSwitch:
    """`source` is the interface that may switch; what was chosen is forgotten at a restart."""

    def __init__(self, twin: ChargingPoint, facts: Mapping[str, Any], clock: Callable[[], float]) -> None:
        self._twin, self._facts, self._clock = twin, facts, clock
        if facts["contactor"] and facts["one_phase"]:
            twin.phases = 1
        self.reset()

    def reset(self) -> None:
        self.source = int(self._facts["phase_source"])
        self._last = -1e9

    def choose(self, source: int) -> None:
        if source not in SOURCES:
            raise IllegalValue(f"phase source {source}")
        self.source = source

    def switch(self, three: bool, source: int) -> None:
        """Switch the contactor, where there is one and `source` may; not twice within minutes."""
        if not self._facts["contactor"] or self.source != source:
            raise IllegalValue("phase switching is not set up for this interface")
        if self._clock() - self._last < float(self._facts["phase_gap"]):
            raise IllegalValue("phases were switched a moment ago")
        self._last = self._clock()
        self._twin.phases = 3 if three else 1

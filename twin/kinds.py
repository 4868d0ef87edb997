"""Which physics stands behind a kind of device in the list."""

from collections.abc import Mapping
from typing import Any

from twin.meter import ElectricityMeter
from twin.model import Model
from twin.pv import PvInverter


def twin_of(kind: str, rated_power: float, phases: int, more: Mapping[str, Any]) -> Model:
    """A new twin of `kind` (a section of the list). `more` are further facts of the model, e.g. capacity in Wh."""
    match kind:
        case "pv-inverter":
            return PvInverter(rated_power, phases)
        case "electricity-meter":
            return ElectricityMeter(phases)
    raise ValueError(f"no twin for {kind!r}")

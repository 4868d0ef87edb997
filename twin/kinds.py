"""Which physics stands behind a kind of device in the list."""

from collections.abc import Mapping
from typing import Any

from twin.battery import BatteryInverter
from twin.charger import ChargingPoint
from twin.contacts import Contacts
from twin.dc_charger import DcChargingPoint
from twin.heat import GasMeter, HeatingRod, HeatMeter
from twin.heatpump import HeatPump
from twin.marketer import Marketer
from twin.meter import ElectricityMeter
from twin.model import Model
from twin.plants import Chp, Electrolyser, FuelCell
from twin.pv import PvInverter
from twin.tariff import Tariff


def twin_of(kind: str, rated_power: float, phases: int, more: Mapping[str, Any]) -> Model:
    """A new twin of `kind` (a section of the list). `more` are further facts of the model.

    Known facts: `capacity` (Wh) of a battery, `max_current` (A) of a charging point, `minimum_power` (W) of a plant
    or of a charging point with `dc`, `volume` (l) of a rod's tank, and times and ramps of plants and heat pumps.
    A rating of 0 W stands for a device whose document names none.
    """
    minimum = float(more.get("minimum_power", 0.0))
    match kind:
        case "pv-inverter":
            return PvInverter(rated_power or 10_000.0, phases)
        case "battery-inverter":
            return BatteryInverter(rated_power or 10_000.0, phases, float(more.get("capacity", 10_000.0)))
        case "charging-station" if more.get("dc"):
            return DcChargingPoint(rated_power or 50_000.0, minimum)
        case "charging-station":
            return ChargingPoint(float(more.get("max_current", 16.0)), phases)
        case "electricity-meter":
            return ElectricityMeter(phases)
        case "heating-rod":
            return HeatingRod(rated_power or 3_000.0, phases, float(more.get("volume", 300.0)))
        case "heat-meter":
            return HeatMeter()
        case "gas-meter":
            return GasMeter()
        case "heat-pump":
            return HeatPump(rated_power or 3_000.0, phases, more)
        case "fuel-cell":
            return FuelCell(rated_power or 1_500.0, phases, minimum, more)
        case "chp":
            return Chp(rated_power or 50_000.0, phases, minimum, more)
        case "electrolyser":
            return Electrolyser(rated_power or 2_400.0, phases, minimum, more)
        case "direct-marketing":
            return Marketer()
        case "ripple-control-receiver":
            return Contacts()
        case "dynamic-tariff":
            return Tariff()
    raise ValueError(f"no twin for {kind!r}")

"""Spending PV surplus: first the car in amperes, then the heating rod in watts."""

from dataclasses import dataclass

VOLTAGE = 230.0
MINIMUM = 6.0  # A below which no car charges, IEC 61851
START_AFTER, STOP_AFTER = 60.0, 180.0  # s of enough or too little surplus before charging starts or pauses
RESERVE = 50.0  # W left to the grid, so that regulation does not import


@dataclass(frozen=True, slots=True)
class ChargingMemory:
    """Whether the car charges, and since when the surplus says otherwise."""

    charging: bool = False
    doubt_since: float | None = None


@dataclass(frozen=True, slots=True)
class ChargingPlan:
    """Current per phase in A, None to pause; the power it takes in W."""

    amperes: float | None
    power: float
    memory: ChargingMemory


def charging(
    surplus: float, now: float, memory: ChargingMemory, *, phases: int, minimum: float = MINIMUM, maximum: float = 16.0
) -> ChargingPlan:
    """Current for a surplus in W. A car starts and pauses only after the surplus has said so for a while."""
    per_ampere = phases * VOLTAGE
    possible = surplus / per_ampere
    enough = possible >= minimum
    if enough == memory.charging:
        memory = ChargingMemory(memory.charging, None)
    elif memory.doubt_since is None:
        memory = ChargingMemory(memory.charging, now)
    elif now - memory.doubt_since >= (START_AFTER if enough else STOP_AFTER):
        memory = ChargingMemory(enough, None)
    if not memory.charging:
        return ChargingPlan(None, 0.0, memory)
    amperes = float(int(min(max(possible, minimum), maximum)))
    return ChargingPlan(amperes, amperes * per_ampere, memory)


def heating(surplus: float, maximum: float) -> float:
    """Power in W for a heating rod that takes any value up to `maximum`."""
    return round(max(0.0, min(surplus - RESERVE, maximum)), -1)

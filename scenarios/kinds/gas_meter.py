"""Gas meters: of natural gas as a house has it, and of liquefied gas under pressure, whose numbers are large."""

from scenarios.kinds.kind import Kind, Truth


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    return {
        "volume": (71_234.56, 12_345.67)[turn],
        "flow": (4.37, 71.83)[turn],
        "temperature": (12.7, -4.6)[turn],
        "pressure": (103_400.0, 3_971_200.0)[turn],
        "calorific_value": (11_273.0, 37_214.0)[turn],
        "state_number": (0.9417, 4.7313)[turn],
    }


KIND = Kind(
    "gas-meter", "other", ("volume", "flow"), truth,
    besides=(
        "standard_volume", "standard_flow", "temperature", "pressure", "heat_power", "heat_energy", "status",
    ),
    states=("status", ("fault", "running")),
    budget=5.0,
)  # fmt: skip

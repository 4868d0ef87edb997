"""Gas meters."""

from scenarios.kinds.kind import Kind, Truth


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    return {"volume": (71_234.56, 12_345.67)[turn], "flow": (4.37, 71.83)[turn]}


KIND = Kind("gas-meter", "other", ("volume", "flow"), truth, budget=5.0)

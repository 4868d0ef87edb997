"""Electricity meters."""

from scenarios.kinds.kind import Kind, Truth
from scenarios.kinds.shared import alternating


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    return alternating((-4321.5, 70_123.4)[turn], phases, turn) | {
        "import_energy": (71_234_500.0, 123_456_700.0)[turn],
        "export_energy": (79_876_500.0, 45_678_900.0)[turn],
        "reactive_power": (-612.0, 1234.0)[turn],
        "power_factor": (0.93, 0.87)[turn],
    }


KIND = Kind(
    "electricity-meter", "grid-meter", ("power", "import_energy"), truth,
    signed=("power", "power_l1", "power_l2", "power_l3"),
    budget=5.0,
    partner={"row": 112, "model": "SDM630"},
    roles=frozenset({"grid meter"}),
)  # fmt: skip

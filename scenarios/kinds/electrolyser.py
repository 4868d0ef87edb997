"""Electrolysers. What they take nobody has to tell: the twin's power is the judge."""

from scenarios.kinds.following import impossible, orders, ready, resting
from scenarios.kinds.kind import Kind, Truth


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    return {
        "power": (1734.0, 2217.0)[turn],
        "hydrogen_flow": (0.3612, 0.4619)[turn],
        "water_temperature": (52.3, 54.7)[turn],
    }


KIND = Kind(
    "electrolyser", "other", ("status",), truth, ("set_power", "release"), orders, impossible, ready, resting,
    states=("status", ("fault", "off", "running")),
    partner={"row": 142},
)  # fmt: skip

"""Electrolysers. What they take nobody has to tell: the twin's power is the judge. A released one stands."""

from scenarios.kinds.following import impossible, orders
from scenarios.kinds.kind import Bench, Kind, Truth


def ready(bench: Bench) -> None:
    """Warm, so that it makes hydrogen a minute after it is asked to."""
    if bench.twin.phase in ("off", "stopping"):
        bench.set(water_temperature=55.0)


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    return {
        "power": (1734.0, 2217.0)[turn],
        "hydrogen_flow": (0.3612, 0.4619)[turn],
        "hydrogen_volume": (7_123.456, 68_345.678)[turn],
        "water_temperature": (52.3, 54.7)[turn],
    }


KIND = Kind(
    "electrolyser", "other", ("status",), truth, ("set_power", "release"), orders, impossible, ready,
    besides=("hydrogen_volume", "water_pressure"),
    states=("status", ("fault", "standby", "running")),
    partner={"row": 142},
)  # fmt: skip

"""Ripple-control receivers: four contacts."""

from scenarios.kinds.kind import Kind, Truth


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    return {"k1": turn == 0, "k2": turn == 1, "k3": True, "k4": False}  # no two alike


KIND = Kind(
    "ripple-control-receiver", "ripple", ("k1", "k2", "k3", "k4"), truth,
    partner={"row": 143},
    roles=frozenset({"signal"}),
)  # fmt: skip

"""Dynamic tariffs."""

from scenarios.kinds.kind import Kind, Truth


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    return {}  # prices are a day's slots: the stories that need other ones set them


KIND = Kind(
    "dynamic-tariff", "tariff", ("prices",), truth,
    budget=5.0,
    installer={"token": ("tariff", "a-customers-token")},
    roles=frozenset({"tariff"}),
)  # fmt: skip

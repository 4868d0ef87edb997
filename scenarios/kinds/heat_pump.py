"""Heat pumps that are asked by SG Ready: a setpoint of nothing locks them, their rating starts them.

What an SG Ready input carries is four states; in between the pump decides itself. Whatever tells its state tells `mode`
as locked, normal, raised or forced. Its power nobody tells who has two contacts only: the twin's is the judge.
"""

from scenarios.kinds.kind import Bench, Command, Impossible, Kind, Truth


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    return {"power": (1234.0, 2345.0)[turn], "water_temperature": (43.3, 41.6)[turn]}


def orders(bench: Bench) -> list[Command]:
    """Locked, then started: a pump that is warm enough stands by itself."""
    if not bench.asked("set_power"):
        return []
    return [
        Command("lock", "set_power", 0.0, lambda bench: 0.0),
        Command("start", "set_power", bench.rating, lambda bench: bench.rating),
    ]


def impossible(bench: Bench) -> list[Impossible]:
    if not bench.asked("set_power"):
        return []
    return [Impossible("power -500 W", "set_power", -500.0)]


def ready(bench: Bench) -> None:
    """Water warmer than the pump keeps it by itself, and a buffer that takes a start's heat for hours."""
    bench.set(water_temperature=46.0)
    bench.twin.capacity, bench.twin.draw = 5_000.0, 0.0


KIND = Kind(
    "heat-pump", "heater", ("mode",), truth, ("set_power", "release"), orders, impossible, ready,
    partner={"row": 135},
    left_alone={"heating": {"mode": "none"}},
)  # fmt: skip

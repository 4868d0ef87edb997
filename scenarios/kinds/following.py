"""What machines that follow a power have in common: fuel cells, CHP, electrolysers.

They are judged between their smallest and their greatest power. Standing still is not asked of them: they stop and
start in hours, and each start wears them.
"""

from scenarios.kinds.kind import Bench, Command, Impossible

SHARES = (0.4113, 0.8377, 1.0, 0.0871)  # of the way from the smallest to the greatest power


def orders(bench: Bench) -> list[Command]:
    if not bench.asked("set_power"):
        return []
    least, most = float(bench.twin.minimum_power), bench.rating
    return [_power(least + share * (most - least)) for share in SHARES]


def _power(watts: float) -> Command:
    return Command(f"power {watts:.0f} W", "set_power", watts, lambda bench: watts)


def impossible(bench: Bench) -> list[Impossible]:
    if not bench.asked("set_power"):
        return []
    return [
        Impossible("power 5 x rating", "set_power", 5 * bench.rating),
        Impossible("power -500 W", "set_power", -500.0),
    ]


def ready(bench: Bench) -> None:
    """It has been running by itself at three quarters of its rating, for long, and is warm."""
    twin = bench.twin
    if twin.phase != "running" and twin.mode == "own":
        bench.set(power=RESTS * bench.rating)
        twin.let_go("power")
    twin.own_power = RESTS * bench.rating


RESTS = 0.7513


def resting(bench: Bench) -> tuple[str, float]:
    return "power", RESTS * bench.rating

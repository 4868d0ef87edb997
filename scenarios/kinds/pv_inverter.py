"""PV inverters, with a battery on the DC side where the row has one."""

from scenarios.kinds.kind import Bench, Command, Impossible, Kind, Truth
from scenarios.kinds.shared import alternating, battery_orders, limits

SUN = 0.93  # of the rating, as the sun stands where nothing else is said


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    share = (0.7377, 0.1873)[turn]
    return alternating(share * rating, phases, turn) | {
        "power_limit": (0.9123, 0.8337)[turn] * rating,
        "dc_power": (share + 0.0317) * rating,
        "energy": (98_765_432.0, 123_456_789.0)[turn],
        "temperature": (41.3, -7.4)[turn],
    }


def orders(bench: Bench) -> list[Command]:
    found = limits(bench, SUN) if bench.asked("limit_power") else []
    return found + battery_orders(bench)


def impossible(bench: Bench) -> list[Impossible]:
    found = []
    if bench.asked("limit_power"):
        found += [
            Impossible("limit -500 W", "limit_power", -500.0),
            Impossible("limit 3 x rating", "limit_power", 3 * bench.rating),
        ]
    return found


def ready(bench: Bench) -> None:
    """Sun, and a half full battery where there is one."""
    bench.twin.available = SUN * bench.rating
    bench.twin.let_go("power")
    bench.set(soc=55.0)


def resting(bench: Bench) -> tuple[str, float]:
    return "power", SUN * bench.rating


def fallback(bench: Bench, value: float) -> float:
    return min(value, SUN * float(bench.rating))


def dark(bench: Bench) -> None:
    """Without mains nothing is fed."""
    bench.twin.available = 0.0


KIND = Kind(
    "pv-inverter", "pv", ("power", "energy", "status"), truth, ("limit_power", "release"), orders, impossible, ready,
    resting, fallback, dark,
    signed=("battery_power", "grid_power"),  # where it shows a battery and a meter
    states=("status", ("fault", "running", "standby")),
    partner={"row": 1, "model": "STP 10.0"},
    roles=frozenset({"generator"}),
)  # fmt: skip

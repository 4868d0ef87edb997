"""Charging stations: one point of one."""

from scenarios.kinds.kind import Bench, Command, Impossible, Kind, Truth
from scenarios.kinds.shared import mains


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    amperes = (13.4, 7.8)[turn]
    lorry = rating >= 50_000.0  # whose battery is larger than 32 767 times 10 Wh
    return {
        "plugged": True,
        "enabled": True,
        "vehicle": "C",
        "current_limit": (15.0, 9.0)[turn],
        "voltage_l1": (231.0, 228.0)[turn],
        "voltage_l2": (229.0, 233.0)[turn],
        "voltage_l3": (234.0, 227.0)[turn],
        "current_l1": amperes,
        "current_l2": amperes - 0.3,
        "current_l3": amperes - 0.7,
        "power": (9123.0, 5321.0)[turn],
        "session_energy": (12_345.0, 412_340.0 if lorry else 4_321.0)[turn],
        "energy": (9_876_543.0, 6_543_210.0)[turn],
        "temperature": (31.3, -4.6)[turn],
        "rfid": "e4a3c7d2",
    }


def orders(bench: Bench) -> list[Command]:
    found = []
    if bench.asked("limit_current"):
        found += [_current(amperes) for amperes in (13.0, 6.0, 10.0)]
    if bench.asked("pause"):
        found.append(Command("pause", "pause", None, lambda bench: 0.0))
    return found


def _current(amperes: float) -> Command:
    return Command(f"limit {amperes:g} A", "limit_current", amperes, lambda bench: amperes * mains(bench))


def impossible(bench: Bench) -> list[Impossible]:
    if not bench.asked("limit_current"):
        return []
    return [
        Impossible("limit 200 A", "limit_current", 200.0),
        Impossible("limit 3 A", "limit_current", 3.0, 50.0),
        Impossible("limit -5 A", "limit_current", -5.0, 50.0),
    ]


def ready(bench: Bench) -> None:
    """A hungry car that may charge."""
    bench.twin.authorized = True
    bench.twin.vehicle_current = 32.0
    bench.set(plugged=True)


def resting(bench: Bench) -> tuple[str, float]:
    return "power", bench.twin.max_current * mains(bench)


def fallback(bench: Bench, value: float) -> float:
    """Amperes a phase."""
    return value * mains(bench)


KIND = Kind(
    "charging-station", "charger", ("power", "vehicle"), truth, ("limit_current", "pause", "release"), orders,
    impossible, ready, resting, fallback,
    states=("vehicle", ("A", "B", "C")),
    fault={"vehicle": "E"},
    partner={"row": 65, "protocol": "modbus-tcp"},
    left_alone={"charging": {"mode": "none", "maximum_current": 32.0}},
    roles=frozenset({"car"}),
)  # fmt: skip

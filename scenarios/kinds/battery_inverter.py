"""Battery inverters and hybrids."""

from scenarios.kinds.kind import Bench, Command, Impossible, Kind, Truth
from scenarios.kinds.shared import alternating, battery_orders


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    rating = rating or 10_000.0
    battery = (-0.3129, 0.4211)[turn] * rating
    solar = (0.7211, 0.1873)[turn] * rating if sun else 0.0
    return alternating(battery + solar, phases, turn) | {
        "pv_power": solar,
        "dc_power": solar,
        "battery_power": battery,
        "soc": (63.4, 17.9)[turn],
        "grid_power": (-2345.0, 3217.0)[turn],
        "energy": (87_654_321.0, 99_876_500.0)[turn],
        "charge_energy": (94_321_700.0, 75_432_100.0)[turn],
        "discharge_energy": (83_987_600.0, 72_345_600.0)[turn],
        "temperature": (38.6, 21.7)[turn],
        "import_energy": (97_654_300.0, 78_765_400.0)[turn],
        "export_energy": (86_543_200.0, 75_432_100.0)[turn],
    }


def orders(bench: Bench) -> list[Command]:
    return battery_orders(bench)


def impossible(bench: Bench) -> list[Impossible]:
    if not bench.asked("charge"):
        return []
    return [
        Impossible("charge 7 x rating", "charge", 7 * bench.rating),
        Impossible("discharge 7 x rating", "discharge", 7 * bench.rating),
        Impossible("charge -500 W", "charge", -500.0),
    ]


def ready(bench: Bench) -> None:
    """A half full battery and no sun."""
    bench.set(soc=55.0, pv_power=0.0)


def resting(bench: Bench) -> tuple[str, float]:
    return "battery_power", 0.0


KIND = Kind(
    "battery-inverter", "battery", ("battery_power", "soc", "status"), truth,
    ("charge", "discharge", "release"), orders, impossible, ready, resting,
    signed=("battery_power", "grid_power", "power", "power_l1", "power_l2", "power_l3"),
    states=("status", ("fault", "running", "standby")),
    partner={"row": 53, "protocol": "modbus-tcp", "model": "SH10RT"},
    roles=frozenset({"storage", "generator"}),
)  # fmt: skip

"""Heat meters."""

from scenarios.kinds.kind import Kind, Truth


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    """Heat of more than 65 535 W, and cold: its power follows from flow and temperatures."""
    return {
        "heat_energy": (71_234_500.0, 123_456_700.0)[turn],
        "cooling_energy": (7_345_600.0, 8_456_700.0)[turn],
        "energy_tariff_1": (51_345_600.0, 82_456_700.0)[turn],
        "energy_tariff_2": (19_888_900.0, 41_000_300.0)[turn],
        "volume": (6_543.21, 71_234.56)[turn],
        "flow": (2.347, 1.283)[turn],
        "flow_temperature": (71.34, 7.82)[turn],
        "return_temperature": (43.87, 13.46)[turn],
        "pulse_a": (4_711.0, 83_205.0)[turn],
        "pulse_b": (70_619.0, 1_203.0)[turn],
        "info_code": (0x0008, 0x9004_0008)[turn],
    }


KIND = Kind(
    "heat-meter", "other",
    ("heat_energy", "heat_power", "volume", "flow", "flow_temperature", "return_temperature"), truth,
    besides=("cooling_energy", "energy_tariff_1", "energy_tariff_2", "pulse_a", "pulse_b", "info_code"),
    budget=5.0,
)  # fmt: skip

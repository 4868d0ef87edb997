"""What heat meters have in common: what their values can be where nothing else proves that one stands there."""

from collections.abc import Mapping

from controller.devices import Value
from controller.drivers.shared.values import number

COLD, HOT = -20.0, 180.0  # °C that the circuits of heat and cold meters have
MOST_POWER, MOST_FLOW = 5e6, 500.0  # W and m³/h of the largest that a building has


def flows(values: Mapping[str, Value]) -> bool:
    """Whether temperatures, flow and power, as far as they are known, can be those of a circuit.

    One temperature has to be known. Registers that hold nothing but zeros are no meter: water of 0.0 degrees is none.
    """
    known = {name: told for name, value in values.items() if (told := number(value)) is not None}
    temperatures = [told for name, told in known.items() if name.endswith("temperature")]
    return (
        any(temperatures)
        and all(COLD <= each <= HOT for each in temperatures)
        and abs(known.get("heat_power", 0.0)) <= MOST_POWER
        and abs(known.get("flow", 0.0)) <= MOST_FLOW
    )

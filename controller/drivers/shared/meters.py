"""What readings of electricity meters have in common, whoever made them."""

from collections.abc import Mapping

from controller.devices import Value
from controller.drivers.shared.values import magnitude, number

CURRENTS = ("current_l1", "current_l2", "current_l3")
OF_A_PHASE = ("voltage", "current", "power")


def unsigned(values: Mapping[str, Value], *names: str) -> dict[str, Value]:
    """The values, those of `names` without their sign.

    Makers give RMS currents and power factors the sign of the power, or that of the reactive power.
    """
    return {**values, **{name: magnitude(values[name]) for name in names if name in values}}


def on_the_grid(values: Mapping[str, Value]) -> bool:
    """Whether frequency and voltages to neutral are those of a low voltage grid, as far as they are known.

    For meters that have no name or code: what else stands at these addresses would hardly look like that.
    """
    voltages = [number(values.get(f"voltage_l{phase}")) for phase in (1, 2, 3)]
    known = [each for each in voltages if each is not None]
    frequency = number(values.get("frequency")) or 0.0
    return (
        45 <= frequency <= 65 and any(80 <= each <= 500 for each in known) and all(0 <= each <= 500 for each in known)
    )


def phases_there(values: Mapping[str, Value]) -> dict[str, Value]:
    """The values without those of L2 and L3 where neither has a voltage: one phase is connected, or built."""
    if any(number(values.get(f"voltage_l{phase}")) for phase in (2, 3)):
        return dict(values)
    return {**values, **{f"{name}_l{phase}": None for name in OF_A_PHASE for phase in (2, 3)}}


def hertz(value: Value) -> float | None:
    """A frequency in Hz, also where the firmware counts it ten times finer than the document says."""
    found = number(value)
    return found / 10 if found is not None and found > 100 else found

"""The "frequently required readings" from 19000 on, which meters of several makers have in Janitza's order.

Sources: Janitza, Modbus address lists of UMG 604 (p. 12), UMG 511 (p. 12) and UMG 96RM (p. 17); PQ Plus, Modbus
protocol 3.0, 3.7.5. All float32 with the high word first; energies in Wh. 19062 and 19070 are the energies of phase 1,
the sums are 19068 and 19076. The sum of the power factors is not in the block.
"""

from collections.abc import Sequence
from typing import ClassVar

from controller.drivers.modbus.points import Measure


class Block19000:
    """Measures of a driver whose device has the block; powers are asked for alone, the rest in two requests."""

    windows: ClassVar[Sequence[tuple[int, int]]] = ((19000, 18), (19042, 36))

    voltage_l1 = Measure(19000, "f32", unit="V")
    voltage_l2 = Measure(19002, "f32", unit="V")
    voltage_l3 = Measure(19004, "f32", unit="V")
    current_l1 = Measure(19012, "f32", unit="A")
    current_l2 = Measure(19014, "f32", unit="A")
    current_l3 = Measure(19016, "f32", unit="A")
    power_l1 = Measure(19020, "f32", unit="W")
    power_l2 = Measure(19022, "f32", unit="W")
    power_l3 = Measure(19024, "f32", unit="W")
    power = Measure(19026, "f32", unit="W")
    reactive_power = Measure(19042, "f32", unit="var")
    frequency = Measure(19050, "f32", unit="Hz")
    import_energy = Measure(19068, "f32", unit="Wh")
    export_energy = Measure(19076, "f32", unit="Wh")

"""The float block of Algodue's meters, which other makers sell under their names.

Sources: Phoenix Contact, EEM-EM355, 357, 375 and 377, as in Gugulao/modbus-templates:Energiezaehler/Phoenix Contact
EEM-EM3xx EEM-DM3xx; openWB/core:packages/modules/devices/algodue. float32, high word first, energies in Wh; functions 3
and 4 read the same. Power factors are negative when capacitive.
"""

from collections.abc import Sequence
from typing import ClassVar

from controller.drivers.modbus.points import Measure


class AlgodueFloats:
    """Measures of a driver whose device has the block; what changes slowly is asked for in two requests."""

    windows: ClassVar[Sequence[tuple[int, int]]] = ((4096, 20), (4358, 10))

    voltage_l1 = Measure(4096, "f32", unit="V")
    voltage_l2 = Measure(4098, "f32", unit="V")
    voltage_l3 = Measure(4100, "f32", unit="V")
    current_l1 = Measure(4110, "f32", unit="A")
    current_l2 = Measure(4112, "f32", unit="A")
    current_l3 = Measure(4114, "f32", unit="A")
    power_factor = Measure(4126, "f32")
    power_l1 = Measure(4128, "f32", unit="W")
    power_l2 = Measure(4130, "f32", unit="W")
    power_l3 = Measure(4132, "f32", unit="W")
    power = Measure(4134, "f32", unit="W")
    reactive_power = Measure(4150, "f32", unit="var")
    frequency = Measure(4152, "f32", unit="Hz")
    import_energy = Measure(4358, "f32", unit="Wh")
    export_energy = Measure(4366, "f32", unit="Wh")

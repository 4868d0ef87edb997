"""Reads Schneider Electric PowerLogic PM5300 over Modbus/TCP.

Sources: Schneider Electric, PM5100 and PM5300 Modbus register list (register numbers, one more than on the wire), as in
volkszaehler/mbmd:meters/rs485/iem3000.go. float32 and int64, high word first; powers in kW. A request that starts
within a value is refused (pymodbus-dev/pymodbus issue 2386). Some PM5340 answer at unit id 255 alone (same issue, and
Schneider's FAQ 341569): it is tried where nobody is found at the first one.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value
from controller.drivers.modbus.points import UNKNOWN, Measure, ModbusDevice, Setting
from controller.drivers.shared.values import number
from controller.errors import LineTimeout, Refused, WrongDevice

ITSELF = 255  # the unit id of a meter that is also a gateway
NOBODY = (10, 11)  # what a gateway says of other unit ids


class SchneiderPm5300(ModbusDevice):
    """PM5310 to PM5350. NaN and the lowest int64 are "not available"."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {121: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "electricity-meter"
    absent: ClassVar[Mapping[str, tuple[int, ...]]] = {"s64": (-(1 << 63),)}

    product = Setting(49, "str20")
    maker = Setting(69, "str20")
    serial = Setting(129, "u32")

    current_l1 = Measure(2999, "f32", unit="A")
    current_l2 = Measure(3001, "f32", unit="A")
    current_l3 = Measure(3003, "f32", unit="A")
    voltage_l1 = Measure(3027, "f32", unit="V")
    voltage_l2 = Measure(3029, "f32", unit="V")
    voltage_l3 = Measure(3031, "f32", unit="V")
    power_l1 = Measure(3053, "f32", 1000, "W")
    power_l2 = Measure(3055, "f32", 1000, "W")
    power_l3 = Measure(3057, "f32", 1000, "W")
    power = Measure(3059, "f32", 1000, "W")
    reactive_power = Measure(3067, "f32", 1000, "var")
    power_factor = Measure(3083, "f32")
    frequency = Measure(3109, "f32", unit="Hz")
    import_energy = Measure(3203, "s64", 1, "Wh")  # "delivered", into the load
    export_energy = Measure(3207, "s64", 1, "Wh")

    async def identify(self) -> Identity:
        told = await self._told()
        product = str(told["product"])
        if not str(told["maker"]).startswith("Schneider") or not product.startswith("PM53"):
            raise WrongDevice(f"a {told['maker']} {product}".strip(), ["PM5300"])
        return Identity("Schneider Electric", "PM5300 Serie", f"{number(told['serial']) or 0:.0f}")

    async def read(self) -> Reading:
        values = await self.sample()
        return values | {"power_factor": quadrants(values["power_factor"])}

    async def _told(self) -> dict[str, Value]:
        own = type(self)
        points = (own.product, own.maker, own.serial)
        try:
            return await self.fetch(points)
        except (Refused, LineTimeout) as no:
            if isinstance(no, Refused) and no.code in UNKNOWN:
                raise WrongDevice("a device without Schneider's names", ["PM5300"]) from no
            if (isinstance(no, Refused) and no.code not in NOBODY) or self.unit == ITSELF:
                raise
        before, self.unit = self.unit, ITSELF
        try:
            return await self.fetch(points)
        except (Refused, LineTimeout):
            self.unit = before
            raise


def quadrants(value: Value) -> float | None:
    """The magnitude of Schneider's four-quadrant power factor: leading ones lie beyond 1, as 2 less their magnitude."""
    found = number(value)
    return None if found is None else abs(found) if abs(found) <= 1 else 2 - abs(found)

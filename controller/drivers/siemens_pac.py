"""Reads Siemens SENTRON PAC2200, PAC3200 and PAC4200 over Modbus/TCP.

Sources: Siemens, SENTRON PAC3200 manual 02/2008, 3.9 (p. 59: identification) and SENTRON PAC2200 manual 05/2018, A.1;
OpenEMS/openems:io.openems.edge.meter.siemens, volkszaehler/mbmd:meters/rs485/pac2200.go, openWB/core:packages/modules/
devices/siemens/siemens_sentron. float32 and float64, high word first; printed offsets are those on the wire. The device
refuses a request that starts or ends within a value, and the identification block unless it is asked for as a whole.
It does not answer at unit id 255 (stephane/libmodbus issue 121).
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting, known_by
from controller.drivers.shared.meters import unsigned
from controller.drivers.shared.values import total_of
from controller.errors import WrongDevice

SIEMENS = 42
# Beginnings of the order numbers, with those of the successors that have the same registers.
ORDERED: Mapping[int, tuple[str, ...]] = {
    117: ("7KM2200", "7KM2220"),
    118: ("7KM2111", "7KM2112", "7KM3200", "7KM3220"),
    119: ("7KM4211", "7KM4212", "7KM4220"),
}
MODELS = {117: "Sentron PAC2200", 118: "Sentron PAC3200", 119: "Sentron PAC4200"}


class SiemensPac(ModbusDevice):
    """Three-phase meters; energies are counted by tariff."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = dict.fromkeys(MODELS, ("modbus-tcp",))
    kind: ClassVar[Kind] = "electricity-meter"
    max_gap: ClassVar[int] = 6
    windows: ClassVar[Sequence[tuple[int, int]]] = ((64001, 27),)

    maker = Setting(64001, "u16")
    order_number = Setting(64002, "str10")
    serial = Setting(64012, "str8")

    voltage_l1 = Measure(1, "f32", unit="V")
    voltage_l2 = Measure(3, "f32", unit="V")
    voltage_l3 = Measure(5, "f32", unit="V")
    current_l1 = Measure(13, "f32", unit="A")
    current_l2 = Measure(15, "f32", unit="A")
    current_l3 = Measure(17, "f32", unit="A")
    power_l1 = Measure(25, "f32", unit="W")
    power_l2 = Measure(27, "f32", unit="W")
    power_l3 = Measure(29, "f32", unit="W")
    frequency = Measure(55, "f32", unit="Hz")
    power = Measure(65, "f32", unit="W")
    reactive_power = Measure(67, "f32", unit="var")
    power_factor = Measure(69, "f32")
    import_energy = Measure(801, "f64", unit="Wh")  # of tariff 1
    import_energy_t2 = Measure(805, "f64", unit="Wh")
    export_energy = Measure(809, "f64", unit="Wh")
    export_energy_t2 = Measure(813, "f64", unit="Wh")

    async def identify(self) -> Identity:
        own, expected = type(self), [MODELS.get(self.row, "Sentron PAC")]
        with known_by("a device without Siemens' identification block", expected):
            told = await self.fetch((own.maker, own.order_number, own.serial))
        order_number = str(told["order_number"])
        if told["maker"] != SIEMENS or not order_number.startswith("7KM"):
            raise WrongDevice(f"a device of maker {told['maker']}, order number {order_number!r}", expected)
        rows = [row for row, begins in ORDERED.items() if order_number.startswith(begins)]
        if rows and self.row not in rows:
            raise WrongDevice(f"a {MODELS[rows[0]]}", expected)
        return Identity("Siemens", expected[0], str(told["serial"]))

    async def read(self) -> Reading:
        values = await self.sample()
        energies = {
            name: total_of(name, values, (name, f"{name}_t2"), self.doubts)
            for name in ("import_energy", "export_energy")
        }
        return unsigned(values, "power_factor") | energies

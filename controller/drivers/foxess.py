"""FoxESS H3 hybrids on RS485: read only, because the list allows PV and battery to be added reading only.

Source: nathanmarlor/foxess_modbus:custom_components/foxess_modbus/{entities/entity_descriptions,modbus_controller}.py;
evcc-io/evcc:templates/definition/meter/fox-ess-h3.yaml. Wire address as there, high word first, holding registers,
unit 247. H3-Smart, H3-...-M and H3-Pro have other maps and are refused.
"""

import re
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting
from controller.drivers.shared.values import magnitude, total, worded
from controller.errors import WrongDevice

PRODUCT = re.compile(r"H3-(\d+(?:\.\d+)?)(?:-(?!smart|m\b|pro).*)?$", re.IGNORECASE)

# self test, waiting, checking, on grid, off grid, fault that may pass, fault; entities/modbus_inverter_state_sensor.py
STATUS = {0: "starting", 1: "standby", 2: "starting", 3: "running", 4: "running", 5: "fault", 6: "fault"}


class FoxEssH3(ModbusDevice):
    """Hybrid inverter with PV, battery and grid meter."""

    serves: ClassVar = {60: ("modbus-rtu",)}
    kind: ClassVar[Kind] = "battery-inverter"
    default_unit: ClassVar[int] = 247
    when_silent: ClassVar = WhenSilent("keeps")

    product = Setting(30000, "str16")
    manager_version = Setting(30018, "u16", optional=True)

    pv1_power = Measure(31002, "s16", unit="W")
    pv2_power = Measure(31005, "s16", unit="W")
    voltage_l1 = Measure(31006, "u16", 0.1, "V")
    voltage_l2 = Measure(31007, "u16", 0.1, "V")
    voltage_l3 = Measure(31008, "u16", 0.1, "V")
    current_l1 = Measure(31009, "s16", 0.1, "A")
    current_l2 = Measure(31010, "s16", 0.1, "A")
    current_l3 = Measure(31011, "s16", 0.1, "A")
    power_l1 = Measure(31012, "s16", unit="W")
    power_l2 = Measure(31013, "s16", unit="W")
    power_l3 = Measure(31014, "s16", unit="W")
    frequency = Measure(31015, "u16", 0.01, "Hz")
    meter_l1 = Measure(31026, "s16", -1, "W")  # the device says + for export
    meter_l2 = Measure(31027, "s16", -1, "W")
    meter_l3 = Measure(31028, "s16", -1, "W")
    temperature = Measure(31032, "s16", 0.1, "°C")
    battery_power = Measure(31036, "s16", unit="W")
    soc = Measure(31038, "u16", unit="%")
    state = Measure(31041, "u16")
    charge_energy = Measure(32003, "u32", 100, "Wh")
    discharge_energy = Measure(32006, "u32", 100, "Wh")
    export_energy = Measure(32009, "u32", 100, "Wh")
    import_energy = Measure(32012, "u32", 100, "Wh")
    energy = Measure(32015, "u32", 100, "Wh")

    async def identify(self) -> Identity:
        product = await self._product()
        match = PRODUCT.match(product)
        if match is None:
            raise WrongDevice(product or "a device without a name", ["H3"])
        version = await self.manager_version.number()
        firmware = f"{version / 100:.2f}" if version is not None else ""
        return Identity("FoxESS", "H3", firmware=firmware, rated_power=float(match[1]) * 1000)

    async def _product(self) -> str:
        """The model name: one character a register on most H3, two on others, the H3 with a space before it."""
        place = type(self).product
        data = await self.line.read(self.unit, place.function or self.function, place.address, place.words)
        text = data if data[0] else data[1::2]
        return text.split(b"\0", 1)[0].decode("ascii", "replace").strip()

    async def read(self) -> Reading:
        values = await self.sample()
        for whole, parts in (
            ("pv_power", ("pv1_power", "pv2_power")),
            ("grid_power", ("meter_l1", "meter_l2", "meter_l3")),
        ):
            values[whole] = total([values.pop(part) for part in parts])
        values["power"] = total([values[f"power_l{phase}"] for phase in (1, 2, 3)])
        for phase in (1, 2, 3):
            values[f"current_l{phase}"] = magnitude(values[f"current_l{phase}"])
        values["status"] = worded(STATUS, values.pop("state"))
        return values

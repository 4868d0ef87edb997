"""Reads heat meters Supercal 531 through their Modbus module on RS485 and a gateway to Modbus/TCP.

Every value has a register that names its unit; where a code is unknown the value is absent and says why. The gateway
keeps the unit id and answers with exceptions 10 and 11 while it cannot reach the meter.

Source: "IU Modbus Module V01 2107" of Sontex's Supercal 5, as in star.ke.st/library/sontex-supercal-531, a page that
nobody has checked at a meter. What the unit codes mean is ASSUMED.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value
from controller.drivers.modbus.points import Measure, ModbusDevice
from controller.drivers.shared.heat_meters import flows
from controller.drivers.shared.values import number
from controller.errors import WrongDevice

ENERGIES = {0: 1.0, 1: 1e3, 2: 1e6, 3: 1e6 / 3600, 4: 1e9 / 3600, 5: 0.29307107}  # Wh of a Wh, kWh, MWh, MJ, GJ, BTU
VOLUMES = {0: 1.0, 1: 0.003785411784}  # m³ of a m³, a US gallon
POWERS = {0: 1.0, 1: 1e3}  # W of a W, kW
PLAIN = {0: 1.0}  # m³/h, °C, K
UNITS: Mapping[str, tuple[str, Mapping[int, float]]] = {
    "heat_energy": ("energy_unit", ENERGIES), "energy_tariff_1": ("energy_unit", ENERGIES),
    "energy_tariff_2": ("energy_unit", ENERGIES), "volume": ("volume_unit", VOLUMES),
    "heat_power": ("power_unit", POWERS), "flow": ("flow_unit", PLAIN), "flow_temperature": ("temperature_unit", PLAIN),
    "return_temperature": ("temperature_unit", PLAIN), "difference": ("difference_unit", PLAIN),
}  # fmt: skip
"""Which register names a value's unit, and what its codes stand for."""
AGREE = 1.0  # K that the difference may differ from that of the temperatures


class Supercal531(ModbusDevice):
    """Supercal 531. All floats have their high word first."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {133: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "heat-meter"
    slow: ClassVar[frozenset[str]] = frozenset(
        {"energy_unit", "heat_energy", "energy_tariff_1", "energy_tariff_2", "volume_unit", "volume"}
    )

    energy_unit = Measure(100, "u16")
    heat_energy = Measure(102, "f32")
    energy_tariff_1 = Measure(104, "f32")
    energy_tariff_2 = Measure(106, "f32")
    volume_unit = Measure(300, "u16")
    volume = Measure(302, "f32")
    power_unit = Measure(700, "u16")
    heat_power = Measure(702, "f32")
    flow_unit = Measure(710, "u16")
    flow = Measure(712, "f32")
    temperature_unit = Measure(720, "u16")
    flow_temperature = Measure(722, "f32")
    return_temperature = Measure(724, "f32")
    difference_unit = Measure(730, "u16")
    difference = Measure(732, "f32")

    async def identify(self) -> Identity:
        own = type(self)
        points = (
            own.power_unit, own.heat_power, own.flow_unit, own.flow, own.temperature_unit, own.flow_temperature,
            own.return_temperature, own.difference_unit, own.difference,
        )  # fmt: skip
        await self.expect(points, "Supercal 531", "the registers of a Supercal")
        seen = self._worded(await self.fetch(points))
        if not flows(seen) or not _agree(seen):
            raise WrongDevice("a device without temperatures of a heating circuit", ["Supercal 531"])
        return Identity("Sontex", "Supercal 531")

    async def read(self) -> Reading:
        found = self._worded(await self.sample())
        found.pop("difference")
        return found

    def _worded(self, told: Mapping[str, Value]) -> dict[str, Value]:
        """The values in our units; None, with a doubt, where a code is not known."""
        found: dict[str, Value] = {}
        for name, (code_name, factors) in UNITS.items():
            if name not in told:
                continue
            value, code = number(told[name]), number(told[code_name])
            factor = None if code is None else factors.get(int(code))
            found[name] = None if value is None or factor is None else value * factor
            if value is not None:
                self.doubts.pop(name, None)
                if factor is None:
                    self.doubts[name] = f"its unit has code {code}, which is not known"
        return found


def _agree(seen: Mapping[str, Value]) -> bool:
    """Whether the difference is that of the temperatures, as far as all three are known."""
    told = [number(seen.get(name)) for name in ("flow_temperature", "return_temperature", "difference")]
    if None in told:
        return True
    high, low, difference = (each or 0.0 for each in told)
    return abs(high - low - difference) <= AGREE

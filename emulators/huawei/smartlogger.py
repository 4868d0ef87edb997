"""Huawei SmartLogger: a plant whose inverters stand behind it at their own unit ids, and a meter.

Source: clients named in the family file. 40428 counts 100 % as the sum of the ratings and is passed on to every
inverter; no mode register has to be written first. The limits outlive nothing: a restart sets them free (assumed).
"""

import math
from typing import Any

from emulators.faces.daily import SinceMidnight, today
from emulators.family.build import Installation, Order, station
from emulators.family.options import chosen
from emulators.family.profile import Facts, Profile, profile_for
from emulators.family.units import unit_of
from emulators.huawei.identification import Identification, description
from emulators.huawei.local_time import LocalTime
from emulators.huawei.remembered import Remembered
from emulators.huawei.sun2000 import VERSION, Sun2000
from emulators.table.answers import IllegalValue
from emulators.wires.device import Device
from twin.meter import ElectricityMeter
from twin.pv import PvInverter

ALL_RUNNING, IDLE = 1, 0
UNLIMITED, PERCENT = 0, 4


class Behind(PvInverter):
    """One inverter of a plant: it feeds its share of what the plant feeds."""

    def __init__(self, plant: PvInverter, rated_power: float) -> None:
        super().__init__(rated_power)
        self._plant = plant
        self.available = rated_power

    def flow(self) -> float:
        limits = self._plant.power_limit
        return float(self._plant.power) * self.power_limit / limits if limits else 0.0


class SmartLogger(LocalTime):
    """The plant. Its limit is the sum of what its inverters may feed."""

    def __init__(self, twin: PvInverter, facts: Facts, device: Device) -> None:
        self._twin, self._device = twin, device
        self._permille = 1000.0
        self._today = SinceMidnight(lambda: twin.energy, device.clock, 36 * twin.rated_power)
        self.inverters: list[Device] = []
        self.meter_unit = int(facts.more["meter_unit"])
        self.serial_number = "6T2089012345"
        self.parts: tuple[object, ...] = (Remembered({41948: 60, 42728: 100.0}),)  # and batteries behind the inverters
        self.private = {0x2B: Identification("SmartLogger", VERSION, self._known).answer}
        self._ahead = 3600.0  # its clock shows local time
        self.operator = {"power-cycle": self.reboot}

    def adopt(self, inverter: Device) -> None:
        """One more inverter on the RS485."""
        self.inverters.append(inverter)
        self.parts = (*self.parts, *getattr(inverter.face, "parts", ()))
        inverter.twin.on_change(self._sum)

    def _known(self) -> list[str]:
        """The device list: the logger, the inverters, the meter."""
        listed = [description(self._device.model, VERSION, self.serial_number, self._device.unit)]
        for each in self.inverters:
            face = each.face
            assert isinstance(face, Sun2000)
            listed.append(description(face.model_name, VERSION, face.serial_number, each.unit))
        return [*listed, description("PowerMeter", "", "", self.meter_unit)]

    def _sum(self) -> None:
        limit = sum(float(_pv(each).power_limit) for each in self.inverters)
        if limit != self._twin.power_limit:
            self._twin.power_limit = limit

    def reboot(self) -> None:
        self._permille = 1000.0
        for each in self.inverters:
            getattr(each.face, "reboot", _nothing)()

    @property
    def adjust_permille(self) -> float:
        return self._permille

    @adjust_permille.setter
    def adjust_permille(self, permille: float) -> None:
        if not 0 <= permille <= 1000:
            raise IllegalValue(f"adjustment {permille} permille")
        self._permille = permille
        for each in self.inverters:
            if isinstance(each.face, Sun2000):
                each.face.derating_permille = permille

    @property
    def adjust_power(self) -> float:
        return self._permille / 1000 * self._twin.rated_power

    @adjust_power.setter
    def adjust_power(self, watts: float) -> None:
        self.adjust_permille = 1000 * watts / self._twin.rated_power

    @property
    def startup(self) -> int:
        return 0

    @startup.setter
    def startup(self, code: int) -> None:
        for each in self._switched():
            each.startup = code

    @property
    def shutdown(self) -> int:
        return 0

    @shutdown.setter
    def shutdown(self, code: int) -> None:
        for each in self._switched():
            each.shutdown = code

    def _switched(self) -> list[Sun2000]:
        return [each.face for each in self.inverters if isinstance(each.face, Sun2000)]

    @property
    def in_operation(self) -> int:
        return int(self._twin.power > 0)

    @property
    def shut_down(self) -> int:
        return int(self._twin.power <= 0)

    @property
    def line_voltage(self) -> float:
        return math.sqrt(3) * float(self._twin.voltage_l1)

    @property
    def running_inverters(self) -> int:
        return sum(float(_pv(each).power) > 0 for each in self.inverters)

    @property
    def plant_status(self) -> int:
        return ALL_RUNNING if self._twin.power > 0 else IDLE

    @property
    def control_mode(self) -> int:
        return UNLIMITED if self._permille == 1000 else PERCENT

    daily_energy = today("_today")


class LoggedMeter:
    """The meter's registers, with a sign and a naming of the energies that clients dispute."""

    def __init__(self, twin: ElectricityMeter, facts: Facts) -> None:
        self._twin = twin
        self._sign = int(facts.more["meter_sign"])
        self._negative_is_import = int(facts.more["meter_import"]) == 32349

    @property
    def signed_power(self) -> float:
        return self._sign * float(self._twin.power)

    @property
    def negative_energy(self) -> float:
        return self._twin.import_energy if self._negative_is_import else self._twin.export_energy

    @property
    def positive_energy(self) -> float:
        return self._twin.export_energy if self._negative_is_import else self._twin.import_energy

    @property
    def total_energy(self) -> float:
        return self._twin.import_energy + self._twin.export_energy

    @property
    def line_voltage(self) -> float:
        return math.sqrt(3) * float(self._twin.voltage_l1)

    @property
    def apparent_power(self) -> float:
        return abs(float(self._twin.power))

    def __getattr__(self, name: str) -> float:
        """signed_power_l<k> and signed_current_l<k>."""
        if name == "signed_power" or not name.startswith("signed_"):
            raise AttributeError(name)
        value = float(getattr(self._twin, name.removeprefix("signed_")))
        towards = self._sign if float(self._twin.power) >= 0 else -self._sign
        return self._sign * value if "power" in name else towards * value


def install(family: Profile, order: Order) -> Installation:
    """Logger, inverters and meter behind one socket; inverters and meter are devices of their own."""
    family, facts = chosen(family, order.facts, order.options)
    plant = PvInverter(facts.rated_power, 3)
    number = int(family.data["modbus"]["unit"]) if order.unit is None else order.unit
    logger = _device(order, number, plant, facts.name)
    face = SmartLogger(plant, facts, logger)
    logger.face, logger.operator = face, face.operator
    units = {number: unit_of(family, family.data, logger, facts)}
    behind = profile_for(33, "modbus-tcp")
    assert behind is not None, "the inverters' own family is part of this package"
    own = [int(each) for each in facts.more["inverter_units"]]
    for k, unit in enumerate(own):
        offered = {"clients": "kick", "login": False, "battery": bool(facts.more["battery"]) and not k}
        rated = facts.rated_power / len(own)
        more = {**behind.models[0].more, "string": facts.more["inverter_string"], "serial": f"HV21900{unit:05d}"}
        more["highest"] = 1.0  # the plant is rated by all that its inverters can feed
        inverter_family, inverter = chosen(behind, Facts(f"{facts.name} {k + 1}", 32, rated, 3, more), offered)
        device = _device(order, unit, Behind(plant, rated), f"{facts.more['inverter_string']} {k + 1}")
        pv = _pv(device)
        device.face = Sun2000(pv, inverter, device)
        units[unit] = unit_of(inverter_family, inverter_family.data, device, inverter)
        face.adopt(device)
    meter_unit = int(facts.more["meter_unit"])
    gauge = ElectricityMeter(3)
    meter = _device(order, meter_unit, gauge, f"{facts.name} meter")
    meter.face = LoggedMeter(gauge, facts)
    table: dict[str, Any] = {**family.data, **family.data["meter"]}
    units[meter_unit] = unit_of(family, table, meter, facts)
    devices = [logger, *face.inverters, meter]

    def settle(now: float) -> None:
        for each in devices:
            each.twin.advance(now)
            each.twin.forget()  # what follows in an inverter follows from the plant

    for each in devices:
        each.settle = settle
    return station(family, order, units, devices)


def _device(order: Order, unit: int, twin: PvInverter | ElectricityMeter, model: str) -> Device:
    twin.time = order.clock()
    return Device(order.row, model, order.protocol, twin, twin, order.clock, unit)


def _pv(device: Device) -> PvInverter:
    assert isinstance(device.twin, PvInverter)
    return device.twin


def _nothing() -> None:
    """A device that has nothing to forget."""

"""The points of the SunSpec models that a home energy manager reads, as classes to take from, one a model.

Offsets count from the model's id word. Source: github.com/sunspec/models json/model_*.json. Signs are those of the
models: inverters count generation positive, meters import, model 802 discharge.
"""

from controller.drivers.sunspec.scaled import SunSpecMeasure, SunSpecPoint, SunSpecSetting

INTEGER, FLOAT = (101, 102, 103), (111, 112, 113)
METER, FLOAT_METER = (201, 202, 203, 204), (211, 212, 213, 214)

STATES = {1: "off", 2: "standby", 3: "starting", 4: "running", 5: "limited", 6: "off", 7: "fault", 8: "standby"}


DER_STATES = {
    0: "off", 1: "standby", 2: "starting", 3: "running", 4: "limited", 5: "off", 6: "fault", 7: "standby",
}  # fmt: skip  # of model 701


class IntegerAc:
    """AC side of an inverter with integers and scale factors, models 101 to 103."""

    current_l1 = SunSpecMeasure(INTEGER, 3, "u16", 6, unit="A")
    current_l2 = SunSpecMeasure(INTEGER, 4, "u16", 6, unit="A")
    current_l3 = SunSpecMeasure(INTEGER, 5, "u16", 6, unit="A")
    voltage_l1 = SunSpecMeasure(INTEGER, 10, "u16", 13, unit="V")
    voltage_l2 = SunSpecMeasure(INTEGER, 11, "u16", 13, unit="V")
    voltage_l3 = SunSpecMeasure(INTEGER, 12, "u16", 13, unit="V")
    power = SunSpecMeasure(INTEGER, 14, "s16", 15, unit="W")
    frequency = SunSpecMeasure(INTEGER, 16, "u16", 17, unit="Hz")
    energy = SunSpecMeasure(INTEGER, 24, "acc32", 26, unit="Wh")
    state = SunSpecMeasure(INTEGER, 38, "enum16")


class IntegerInverter(IntegerAc):
    """The same with its DC side and temperature."""

    dc_power = SunSpecMeasure(INTEGER, 31, "s16", 32, unit="W")
    temperature = SunSpecMeasure(INTEGER, 33, "s16", 37, unit="°C")


class FloatInverter:
    """Inverter with floats, models 111 to 113."""

    float_current_l1 = SunSpecMeasure(FLOAT, 4, "f32", unit="A", quantity="current_l1")
    float_current_l2 = SunSpecMeasure(FLOAT, 6, "f32", unit="A", quantity="current_l2")
    float_current_l3 = SunSpecMeasure(FLOAT, 8, "f32", unit="A", quantity="current_l3")
    float_voltage_l1 = SunSpecMeasure(FLOAT, 16, "f32", unit="V", quantity="voltage_l1")
    float_voltage_l2 = SunSpecMeasure(FLOAT, 18, "f32", unit="V", quantity="voltage_l2")
    float_voltage_l3 = SunSpecMeasure(FLOAT, 20, "f32", unit="V", quantity="voltage_l3")
    float_power = SunSpecMeasure(FLOAT, 22, "f32", unit="W", quantity="power")
    float_frequency = SunSpecMeasure(FLOAT, 24, "f32", unit="Hz", quantity="frequency")
    float_energy = SunSpecMeasure(FLOAT, 32, "f32", unit="Wh", quantity="energy")
    float_dc_power = SunSpecMeasure(FLOAT, 38, "f32", unit="W", quantity="dc_power")
    float_temperature = SunSpecMeasure(FLOAT, 40, "f32", unit="°C", quantity="temperature")
    float_state = SunSpecMeasure(FLOAT, 48, "enum16", quantity="state")


class DerMeasurement:
    """Inverter or storage by IEEE 1547-2018, model 701. Its power is positive when it feeds."""

    der_current_l1 = SunSpecMeasure((701,), 45, "s16", 113, unit="A", quantity="current_l1")
    der_voltage_l1 = SunSpecMeasure((701,), 47, "u16", 114, unit="V", quantity="voltage_l1")
    der_current_l2 = SunSpecMeasure((701,), 68, "s16", 113, unit="A", quantity="current_l2")
    der_voltage_l2 = SunSpecMeasure((701,), 70, "u16", 114, unit="V", quantity="voltage_l2")
    der_current_l3 = SunSpecMeasure((701,), 91, "s16", 113, unit="A", quantity="current_l3")
    der_voltage_l3 = SunSpecMeasure((701,), 93, "u16", 114, unit="V", quantity="voltage_l3")
    der_power = SunSpecMeasure((701,), 10, "s16", 116, unit="W", quantity="power")
    der_power_l1 = SunSpecMeasure((701,), 41, "s16", 116, unit="W", quantity="power_l1")
    der_power_l2 = SunSpecMeasure((701,), 64, "s16", 116, unit="W", quantity="power_l2")
    der_power_l3 = SunSpecMeasure((701,), 87, "s16", 116, unit="W", quantity="power_l3")
    der_frequency = SunSpecMeasure((701,), 17, "u32", 115, unit="Hz", quantity="frequency")
    der_energy = SunSpecMeasure((701,), 19, "acc64", 120, unit="Wh", quantity="energy")
    der_state = SunSpecMeasure((701,), 4, "enum16", quantity="der_state")  # counts from 0, unlike 101 to 113


class Nameplate:
    """Rating, model 120."""

    rating = SunSpecPoint((120,), 3, "u16", 4, unit="W")


class Settings:
    """What the installer lets it feed, model 121."""

    maximum = SunSpecPoint((121,), 2, "u16", 22, unit="W")


class Controls:
    """Immediate controls, model 123: the feed-in limit in percent of the maximum power."""

    limit_percent = SunSpecSetting((123,), 5, "u16", 23, unit="%")
    limit_enabled = SunSpecSetting((123,), 9, "enum16")


class TimedControls:
    """The times that go with the limit of model 123."""

    limit_window = SunSpecSetting((123,), 6, "u16", unit="s")
    limit_timeout = SunSpecSetting((123,), 7, "u16", unit="s")
    limit_ramp = SunSpecSetting((123,), 8, "u16", unit="s")


class Strings:
    """The DC inputs of model 160, numbered: module_power_1, module_name_1, ..."""

    module_name = SunSpecMeasure((160,), 11, "str8", repeat=20)
    module_power = SunSpecMeasure((160,), 21, "u16", 4, unit="W", repeat=20)
    module_energy = SunSpecMeasure((160,), 22, "acc32", 5, unit="Wh", repeat=20)


class StorageCharge:
    """State of charge of a battery behind an inverter, model 124."""

    soc = SunSpecMeasure((124,), 8, "u16", 22, unit="%")


class Storage:
    """Controls of a battery behind an inverter, model 124. Rates are percent of the rating, negative ones force."""

    storage_rating = SunSpecPoint((124,), 2, "u16", 18, unit="W")
    storage_mode = SunSpecSetting((124,), 5, "bits16")  # bit 0 charge limit active, bit 1 discharge limit active
    discharge_rate = SunSpecSetting((124,), 12, "s16", 25, unit="%")
    charge_rate = SunSpecSetting((124,), 13, "s16", 25, unit="%")
    grid_charging = SunSpecSetting((124,), 17, "enum16")

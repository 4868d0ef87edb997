"""The SDM630 driver against registers laid out as the maker prints them."""

import struct
from typing import Any

import pytest

from controller.drivers.eastron import Sdm630
from controller.errors import Garbled, Refused, WrongDevice
from rigs.simulated import SimClock, environment, run

ENV = environment()
PRINTED = {
    0x00: 230.2, 0x02: 231.0, 0x04: 229.4, 0x06: 1.5, 0x08: 2.25, 0x0A: 10.125,
    0x0C: 345.0, 0x0E: -519.75, 0x10: 2322.0, 0x34: -66_123.5, 0x3C: 12.0, 0x3E: 0.93, 0x46: 50.02,
    0x48: 12_345.678, 0x4A: 98.5, 0x15A: 4000.0, 0x15C: 4100.0, 0x15E: 4245.678,
}  # fmt: skip

SDM72DM_V2 = {key: value for key, value in PRINTED.items() if key < 0x15A}


class Sdm:
    """Registers of function 4; refuses what the maker does not print, more than 60 and odd counts."""

    def __init__(self, values: dict[int, float], serial: int | None = 3_456_789_012) -> None:
        self.words = {}
        for address, value in values.items():
            data = struct.pack(">f", value)
            self.words[4, address], self.words[4, address + 1] = data[:2], data[2:]
        if serial is not None:
            self.words[3, 0xFC00], self.words[3, 0xFC01] = struct.pack(">I", serial)[:2], struct.pack(">I", serial)[2:]
        self.counts: list[int] = []

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        self.counts.append(count)
        keys = [(function, address + at) for at in range(count)]
        if count % 2 or count > 60 or any(key not in self.words for key in keys):
            raise Refused(2, unit=unit, address=address)
        return b"".join(self.words[key] for key in keys)

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        raise AssertionError("a meter is only read")


def story(line: Any, name: str) -> Any:
    return run(ENV, getattr(Sdm630(line, SimClock(ENV), row=112), name)())


def test_every_quantity_comes_in_its_unit_with_import_positive() -> None:
    line = Sdm(PRINTED)
    reading = story(line, "read")
    assert reading["power"] == -66_123.5
    assert reading["power_l2"] == -519.75
    assert reading["import_energy"] == pytest.approx(12_345_678, rel=1e-6)
    assert reading["export_energy"] == 98_500
    assert reading["frequency"] == pytest.approx(50.02)
    assert reading["current_l3"] == 10.125


def test_no_request_is_odd_or_longer_than_sixty_registers() -> None:
    line = Sdm(PRINTED)
    story(line, "read")
    assert line.counts == [18, 2, 4, 6]


def test_a_float_that_is_not_a_number_is_absent() -> None:
    reading = story(Sdm(PRINTED | {0x34: float("nan")}), "read")
    assert reading["power"] is None
    assert reading["voltage_l1"] == pytest.approx(230.2)


def test_it_names_model_and_serial_number() -> None:
    who = story(Sdm(PRINTED), "identify")
    assert (who.manufacturer, who.model, who.serial) == ("Eastron", "SDM630", "3456789012")
    assert story(Sdm(PRINTED, serial=None), "identify").serial == ""
    assert who.notes == ()
    new = Sdm(PRINTED)
    new.words[3, 0xFC02], new.words[3, 0xFC03] = b"\x7a\x31", b"\0\x12"
    assert story(new, "identify").notes == ("type code 7A31h is new; it measures what an SDM630 does",)


@pytest.mark.parametrize(
    "values",
    [
        {0x34: 5.0, 0x48: 1.0, 0x4A: 0.0},  # SDM72DM V1: four values only
        SDM72DM_V2 | {0x502: 66_123.5},
        SDM72DM_V2 | {0x15A: 0.0, 0x15C: 0.0, 0x15E: 0.0},  # it may say 0 wherever it has nothing
        PRINTED | {0x46: 1234.0},  # something else with function 4
        PRINTED | {0x02: 0.0, 0x04: 0.0},  # one phase
    ],
)
def test_another_meter_is_refused(values: dict[int, float]) -> None:
    with pytest.raises(WrongDevice, match="SDM630"):
        story(Sdm(values), "identify")


@pytest.mark.parametrize(("code", "name"), [(137, "SDM72DM V2"), (43, "SDM230")])
def test_a_meter_that_tells_another_type_is_refused(code: int, name: str) -> None:
    line = Sdm(PRINTED)
    line.words[3, 0xFC02], line.words[3, 0xFC03] = code.to_bytes(2, "big"), b"\x02\x05"
    with pytest.raises(WrongDevice, match=name):
        story(line, "identify")


def test_a_meter_that_tells_its_type_needs_no_energies_by_phase() -> None:
    line = Sdm(SDM72DM_V2 | {0x502: 66_123.5})
    line.words[3, 0xFC02], line.words[3, 0xFC03] = b"\x00\x70", b"\x02\x05"
    assert story(line, "identify").model == "SDM630"


def test_a_server_that_has_the_first_registers_only_is_read() -> None:
    """aloishockenschlohe/sdm630-emulator-pymodbus:sdm630emulator fills voltages, currents and powers of the phases."""
    line = Sdm({key: value for key, value in PRINTED.items() if key < 0x12}, serial=None)
    assert story(line, "identify").model == "SDM630"
    reading = story(line, "read")
    assert (reading["power_l2"], reading["power"], reading["import_energy"]) == (-519.75, None, None)


def test_a_damaged_answer_reaches_the_caller() -> None:
    class Noise(Sdm):
        async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
            raise Garbled("wrong CRC", unit=unit)

    with pytest.raises(Garbled):
        story(Noise(PRINTED), "read")

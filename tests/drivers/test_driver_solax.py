"""The SolaX driver against registers of the X3-Hybrid G4: other tables for reading and writing, low word first."""

import struct

import pytest

from controller.drivers.solax import SolaxX3Hybrid
from controller.errors import NotControllable, WrongDevice

INPUT = [
    (0x02, "s16", 4082), (0x07, "u16", 4982), (0x08, "s16", -7), (0x09, "u16", 2), (0x0A, "u16", 3211),
    (0x0B, "u16", 4000), (0x16, "s16", 3129), (0x1C, "u16", 63), (0x1D, "u32", 39_876), (0x21, "u32", 143_217),
    (0x26, "u32", 66_123), (0x46, "s32", -70_001), (0x48, "u32", 7_654_321), (0x4A, "u32", 6_543_210),
    (0x52, "u32", 876_543),
    (0x54, "u16", 0), (0x6A, "u16", 2317), (0x6B, "s16", -57),
    (0x6C, "s16", -1311), (0x6E, "u16", 2284), (0x6F, "s16", 58), (0x70, "s16", 2711), (0x72, "u16", 2349),
    (0x73, "s16", 59), (0x74, "s16", 2682),
]  # fmt: skip
HOLDING = [(0x00, "str7", "H34A10HB123456"), (0x07, "str7", "solax"), (0xB6, "u16", 1000)]


def x3(site, serial="H34A10HB123456", lock=1):
    here = site(low_first=True)
    here.line.fill(1, 4, INPUT)
    here.line.put(1, 4, 0x54, "u16", lock)
    here.line.fill(1, 3, HOLDING)
    here.line.put(1, 3, 0x00, "str7", serial)
    here.line.write_only = set(range(0x8A)) | {0x8A}
    return here, SolaxX3Hybrid(here.line, here.clock, row=64)


@pytest.mark.parametrize(
    ("serial", "model"),
    [
        ("H34A10HB123456", "X3-Hybrid-10.0-D"),
        ("3HA401BH214365", "X3-Hybrid-10.0-D"),
        ("H34T05H1234567", "X3-Hybrid-5.0-D"),
    ],
)
def test_the_serial_tells_the_model_whichever_way_its_bytes_come(site, serial, model):
    here, device = x3(site, serial)
    identity = here.run(device.identify())
    assert identity.model == model
    assert identity.serial.startswith("H34")


def test_a_new_kind_of_the_generation_is_taken_with_a_note(site):
    here, device = x3(site, "H34D12H1234567")
    who = here.run(device.identify())
    assert (who.model, who.rated_power) == ("X3-Hybrid-12.0-D", 12_000)
    assert who.notes == ("kind D in H34D12H1234567 is new; H34 is an X3-Hybrid G4",)


@pytest.mark.parametrize("serial", ["F34A10HB123456", "H35A10HB123456", ""])
def test_other_generations_are_refused(site, serial):
    here, device = x3(site, serial)
    with pytest.raises(WrongDevice):
        here.run(device.identify())


def test_an_x3_is_read_with_our_signs(site):
    here, device = x3(site)
    assert dict(here.run(device.read())) == {
        "power": 4082, "frequency": 49.82, "temperature": -7, "battery_power": -3129, "soc": 63,
        "discharge_energy": 3_987_600, "charge_energy": 14_321_700, "grid_power": 70_001, "energy": 87_654_300,
        "voltage_l1": 231.7, "current_l1": 5.7, "power_l1": -1311, "voltage_l2": 228.4, "current_l2": 5.8,
        "power_l2": 2711, "voltage_l3": 234.9, "current_l3": 5.9, "power_l3": 2682, "pv_power": 7211,
        "status": "running", "capacity": 66_123, "export_energy": 76_543_210, "import_energy": 65_432_100,
    }  # fmt: skip


def test_a_limit_is_given_in_tens_of_watts_at_the_meter_and_written_once(site):
    here, device = x3(site)
    here.line.fill(1, 4, [(0x46, "s32", 2345)])  # 4082 W are made, the house takes 1737 W
    for _ in range(2):
        here.run(device.limit_power(3001))
        here.line.put(1, 3, 0xB6, "u16", 126)
    assert [(address, *words) for _, _, address, words in here.line.writes] == [(0x42, 126)]


def test_a_command_is_one_block_with_a_time_out_of_its_own(site):
    here, device = x3(site)
    here.run(device.charge(3129))
    low, high = struct.unpack("<HH", struct.pack("<i", -3129))
    assert here.line.writes == [(1, 16, 0x7C, (4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 30, low, high))]
    here.run(device.discharge(99_999))
    assert here.line.writes[-1][3][-2:] == (10_000, 0)
    here.run(device.release())
    assert here.line.writes[-1][3][:2] == (0, 1)
    assert here.line.writes[-1][3][-2:] == (0, 0)


def test_an_export_limit_that_another_controller_has_left_is_taken_back(site):
    here, device = x3(site)
    here.line.put(1, 3, 0xB6, "u16", 150)
    here.run(device.release())
    assert here.line.writes[-1][2:] == (0x42, (1000,))


def test_a_locked_inverter_is_unlocked_once(site):
    here, device = x3(site, lock=0)

    async def unlocking(unit, function, address, data, give=here.line.write):
        await give(unit, function, address, data)
        if (address, data) == (0, b"\x07\xde"):
            here.line.put(1, 4, 0x54, "u16", 1)

    here.line.write = unlocking
    for _ in range(2):
        here.run(device.charge(500))
    assert [address for _, _, address, _ in here.line.writes] == [0, 0x7C, 0x7C]


def test_an_inverter_with_another_code_stays_locked_and_untouched(site):
    here, device = x3(site, lock=0)
    with pytest.raises(NotControllable, match="locked"):
        here.run(device.discharge(500))
    assert here.line.writes == [(1, 16, 0, (2014,)), (1, 16, 0, (6868,))]

"""Huawei SmartLogger: the plant, its inverters and its meter."""

import hashlib
import hmac

import pytest


@pytest.fixture
def sun(modbus_bench):
    def on_bench(protocol="modbus-tcp", **how):
        bench = modbus_bench(33, protocol, **how)
        bench.settle()
        return bench

    return on_bench


@pytest.fixture
def plant(modbus_bench):
    def on_bench(**how):
        bench = modbus_bench(32, **how)
        bench.settle()
        return bench

    return on_bench


def s64(bench, address, **how):
    return int.from_bytes(bench.block(address, 4, **how), "big", signed=True)


def test_smartlogger_stands_at_unit_0_with_two_inverters_and_a_meter_behind_it(plant):
    bench = plant()
    assert [device.unit for device in bench.installation.devices] == [0, 11, 12, 20]
    assert bench.text(30000, 15, unit=12) == "SUN2000-50KTL-M3"
    assert bench.refusal(bench.u16, 32089, unit=13) == 11


def test_smartlogger_answers_from_the_first_moment_of_a_connection(modbus_bench):
    bench = modbus_bench(32)
    bench.set(power=70_123.0)
    assert bench.s32(40525) == 70_123
    assert bench.text(30000, 15, unit=11) == "SUN2000-50KTL-M3"


def test_smartlogger_shows_the_sum_and_each_inverter_its_share(plant):
    bench = plant()
    bench.set(power=80_001.0, energy=123_456_789.0)
    assert bench.s32(40525) == 80_001
    assert bench.s32(32080, unit=11) == bench.s32(32080, unit=12) == 40_000
    assert bench.u32(40560) == 1_234_568
    assert s64(bench, 40446) == 12_345_679


def test_smartlogger_percentage_goes_to_every_inverter_without_a_mode(plant):
    bench = plant()
    bench.set(power=90_000.0)
    bench.write(40428, 333)
    assert bench.truth()["power"] == pytest.approx(33_300)
    assert bench.u16(40125, unit=11) == 333
    bench.write(40428, 1000)
    assert bench.truth()["power"] == 90_000


def test_smartlogger_inverter_derated_alone_takes_only_its_part(plant):
    bench = plant()
    bench.set(power=100_000.0)
    bench.write(40125, 400, unit=12)
    assert bench.truth()["power"] == 70_000
    assert bench.s32(32080, unit=12) == 20_000


def test_smartlogger_meter_counts_import_as_positive_unless_told_otherwise(plant):
    bench = plant()
    bench.installation.devices[3].twin.set("power", -70_003.0)
    assert bench.s32(32278, unit=20) == -70_003
    other = plant(meter_sign=-1)
    other.installation.devices[3].twin.set("power", -70_003.0)
    assert other.s32(32278, unit=20) == 70_003


def test_smartlogger_energies_of_the_meter_are_disputed_and_can_be_turned_round(plant):
    bench = plant()
    bench.installation.devices[3].twin.set("import_energy", 1_234_560.0)
    assert s64(bench, 32349, unit=20) == 123_456
    other = plant(meter_import=32357)
    other.installation.devices[3].twin.set("import_energy", 1_234_560.0)
    assert s64(other, 32357, unit=20) == 123_456


def test_smartlogger_restart_sets_the_plant_free(plant):
    bench = plant()
    bench.write(40428, 100)
    bench.device.face.reboot()
    assert (bench.u16(40428), bench.truth()["power_limit"]) == (1000, 100_000)
    assert bench.refusal(bench.write, 40428, 1001) == 3


def test_huawei_logs_in_with_the_password_and_lists_its_devices(sun, plant):
    """huawei-solar 3.0.7 (PyPI):huawei_solar/{device_discovery,modbus_pdu}.py."""
    bench = sun(login=True)
    unit = bench.installation.wire.open()._station.units[1]
    assert unit.execute(bytes.fromhex("06 9cbd 03e8")) == bytes.fromhex("8680")
    seed = unit.execute(bytes.fromhex("41240100"))[3:19]
    key = hashlib.sha256(b"00000a").digest()
    words = bytes(16) + b"\x09installer\x20" + hmac.digest(key, seed, "sha256")
    assert unit.execute(bytes((0x41, 0x25, len(words))) + words)[3:5] == b"\0\x20"
    assert unit.execute(bytes.fromhex("06 9cbd 03e8")) == bytes.fromhex("069cbd03e8")
    wrong = words[:-1] + b"?"
    assert unit.execute(bytes((0x41, 0x25, len(wrong))) + wrong)[3] == 1
    logger = plant().installation.wire.open()._station.units[0]
    listed = logger.execute(bytes.fromhex("2b0e0387"))
    assert listed[7:10].hex() == "870104"  # four devices
    assert b"1=SUN2000-50KTL-M3" in listed
    following = logger.execute(bytes((0x2B, 0x0E, 3, listed[5])))
    assert (listed[4], following[4], b"5=20" in following) == (0xFF, 0, True)


def test_smartlogger_is_found_by_its_serial_number_and_its_meter_by_its_power(plant):
    bench = plant()
    assert bench.refusal(bench.text, 30000, 15) == 2
    assert bench.text(40713, 10) == "6T2089012345"
    assert bench.refusal(bench.text, 40713, 10, unit=20) == 2
    assert bench.s32(32278, unit=20) == 0
    assert len(bench.block(32260, 105, unit=20)) == 210


def test_smartlogger_tells_its_schedule_in_tenths_of_a_kilowatt_and_percent(plant):
    bench = plant()
    bench.write(40428, 430)
    assert (bench.s32(40738), bench.s32(40802), bench.u32(40424)) == (430, 43, 430)
    assert bench.u32(40396) == 100_000

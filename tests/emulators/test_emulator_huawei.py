"""Huawei SUN2000 over raw Modbus."""

import struct

import pytest

from emulators.family.profile import profile_for
from emulators.wires.modbus import crc16


@pytest.fixture
def sun(modbus_bench):
    def on_bench(protocol="modbus-tcp", **how):
        bench = modbus_bench(33, protocol, **how)
        bench.settle()
        return bench

    return on_bench


def s64(bench, address, **how):
    return int.from_bytes(bench.block(address, 4, **how), "big", signed=True)


def test_sun2000_is_on_both_wires_and_its_serial_line_has_no_parity(sun):
    assert profile_for(33, "modbus-tcp") is profile_for(33, "modbus-rtu")
    serial = sun("modbus-rtu").installation.serial
    assert (serial.baud, serial.parity, serial.stop) == (9600, "N", 1)


def test_sun2000_says_who_it_is(sun):
    bench = sun()
    assert bench.text(30000, 15) == "SUN2000-10KTL-M1"
    assert bench.u32(30073) == 10_000
    assert bench.u32(30075) == 11_000


def test_sun2000_answers_nothing_in_the_first_second_of_a_connection(modbus_bench):
    bench = modbus_bench(33)
    endpoint = bench.installation.wire
    connection = endpoint.connect()
    ask = struct.pack(">HHHBBHH", 1, 0, 6, 1, 3, 30073, 2)
    assert connection.receive(ask) == []
    bench.wait(1.01)
    assert connection.receive(ask)[0].data[-2:] == b"\x27\x10"


def test_sun2000_throws_out_the_first_client_when_a_second_comes(sun):
    bench = sun()
    bench.u16(32089)
    bench.installation.wire.connect()
    assert len(bench.installation.wire.connections) == 1
    assert bench.line._connection.closed


def test_sun2000_may_refuse_the_second_client_instead(sun):
    rules = sun(clients="refuse").installation.wire.rules
    assert (rules.limit, rules.policy) == (1, "refuse")


def test_sun2000_power_has_its_high_word_first_and_can_be_negative(sun):
    bench = sun()
    bench.set(power=-17.0)
    assert bench.s32(32080) == -17
    assert bench.u16(32089) == 0xA000
    bench.set(power=9_999.0, energy=987_654_321.0)
    assert (bench.s32(32080), bench.u32(32106)) == (9_999, 98_765_432)


def test_sun2000_has_two_strings_and_marks_the_others(sun):
    bench = sun()
    bench.set(power=5_820.0)
    assert bench.s16(32016) == 6_000
    assert bench.s16(32017) == 500
    assert bench.s16(32020) == 0x7FFF
    assert bench.s32(37113) == 0x7FFFFFFF


def test_sun2000_meter_counts_export_as_positive(sun):
    bench = sun()
    bench.device.operator["fit-meter"](grid_power=70_003.0)
    assert bench.u16(37100) == 1
    assert bench.s32(37113) == -70_003
    assert len(bench.block(37101, 37)) == 74


def test_sun2000_derates_by_percent_and_by_watts_and_keeps_it(sun):
    bench = sun()
    bench.set(power=9_500.0)
    bench.write(40125, 333)
    assert bench.truth()["power"] == 3_330
    assert bench.u16(32089) == 0x0201
    bench.write(40126, 0, 4_567)
    bench.wait(86_400)
    assert bench.truth()["power"] == 4_567
    bench.write(40125, 1000)
    assert bench.truth()["power"] == 9_500


def test_sun2000_feed_in_percent_needs_its_mode_and_counts_from_pmax(sun):
    bench = sun()
    bench.set(power=9_000.0)
    bench.write(47418, 500)
    assert bench.truth()["power"] == 9_000
    bench.write(47415, 7)
    assert bench.truth()["power"] == 5_500
    bench.write(47415, 0)
    assert bench.truth()["power"] == 9_000


def test_sun2000_feed_in_limit_acts_at_the_meter(sun):
    bench = sun()
    bench.set(power=9_000.0)
    bench.device.operator["fit-meter"](grid_power=-7_000.0)
    bench.write(47416, 0, 3_000)
    bench.write(47415, 6)
    assert bench.truth()["power"] == 5_000
    assert bench.s32(37113) == 3_000


@pytest.mark.parametrize(
    ("address", "words"), [(40125, (1001,)), (40126, (0, 11_001)), (47415, (2,)), (47418, (1001,))]
)
def test_sun2000_refuses_values_out_of_range(sun, address, words):
    bench = sun()
    assert bench.refusal(bench.write, address, *words) == 3


def test_sun2000_refuses_unknown_addresses_and_input_registers(sun):
    bench = sun()
    assert bench.refusal(bench.u16, 33000) == 2
    assert bench.refusal(bench.u16, 32080, function=4) == 1


def test_sun2000_stops_and_starts_by_registers_that_cannot_be_read(sun):
    bench = sun()
    bench.set(power=4_321.0)
    bench.write(40201, 0)
    assert (bench.truth()["power"], bench.u16(32089)) == (0, 0x0301)
    bench.write(40200, 0)
    assert bench.truth()["power"] == 4_321
    assert bench.refusal(bench.u16, 40200) == 2


def test_sun2000_that_wants_a_login_denies_writes_until_somebody_logs_in(sun):
    bench = sun(login=True)
    assert bench.refusal(bench.write, 40125, 500) == 0x80
    assert bench.device.writes[-1].accepted is False
    bench.device.operator["login"]()
    bench.write(40125, 500)
    bench.wait(25)
    bench.write(49999, 1)
    bench.wait(25)
    bench.write(40125, 600)
    bench.wait(31)
    assert bench.refusal(bench.write, 40125, 700) == 0x80


def test_sun2000_battery_can_be_read_and_a_write_to_it_is_in_the_log(sun):
    bench = sun()
    assert (bench.u16(37760), bench.u32(37758)) == (500, 10_000)
    bench.write(47247, 0, 2_500)
    bench.write(47083, 2)
    bench.write(47100, 1)
    assert bench.s32(37765) == 2_500  # positive while charging
    bench.wait(121)
    assert (bench.u16(47100), bench.s32(37765)) == (0, 0)
    assert [write.target for write in bench.device.writes] == [47247, 47083, 47100]
    assert bench.refusal(bench.write, 47075, 0, 5_001) == 3


def test_sun2000_without_battery_says_so(sun):
    bench = sun(battery=False)
    assert (bench.u16(37000), bench.u16(37760), bench.s32(37765)) == (0, 0xFFFF, 0x7FFFFFFF)


def test_sun2000_is_busy_after_a_restart_and_has_forgotten_its_derating(sun):
    bench = sun()
    bench.write(40125, 200)
    bench.write(47418, 700)
    bench.device.face.reboot()
    assert bench.refusal(bench.u16, 32089) == 6
    bench.wait(21)
    assert [bench.u16(each) for each in (40125, 47418)] == [1000, 700]


def test_sun2000_derating_does_not_wear_and_the_settings_do(sun):
    bench = sun()
    bench.write(40125, 900)
    bench.write(47418, 900)
    assert [write.wear for write in bench.device.writes] == ["volatile", "flash"]


def test_sun2000_has_the_registers_that_huawei_solar_asks_for_first(sun):
    bench = sun()
    assert bench.text(30035, 15) == bench.text(30050, 15) == "V100R001C00SPC154"
    assert [bench.s16(address) for address in (37200, 42900, 43006, 47000, 47089)] == [0, 1, 60, 2, 0]
    assert sun(battery=False).u16(47000) == 0  # no product


def test_sun2000_is_asked_for_its_identification_on_its_serial_line(sun):
    session = sun("modbus-rtu").installation.wire.open()
    frame = bytes.fromhex("012b0e0100")
    assert b"HUAWEI" in session.feed(frame + crc16(frame))[0].data


def test_sun2000_forces_its_battery_with_power_and_period_told_afterwards(sun):
    bench = sun()
    battery = bench.device.face._storage.battery
    bench.write(47100, 1)
    bench.write(47083, 2)
    bench.write(47247, 0, 2_500)
    assert bench.s32(37765) == 2_500
    bench.wait(121)
    assert (bench.u16(47100), battery.battery_setpoint) == (0, None)


def test_sun2000_keeps_settings_that_move_nothing(sun):
    bench = sun()
    assert (bench.u16(43006), bench.u16(42900)) == (60, 1)
    bench.write(43006, 120)
    bench.write(47102, 250)
    assert (bench.u16(43006), bench.u16(47102), bench.device.writes[-1].wear) == (120, 250, "flash")
    assert sun(battery=False).text(37052, 10) == ""

"""alpitronic hypercharger: connectors at 100 and 200, limits in W, a fallback after 5 s, and what 0 W does."""

from typing import Any

import pytest

from emulators.family.build import build


def charging(box: Any, watts: int = 40_000, connector: int = 1) -> None:
    box.installation.devices[connector - 1].twin.set("plugged", True)
    box.write(100 * connector, watts >> 16, watts & 0xFFFF)


def test_a_connector_tells_volts_amperes_watts_and_hundredths(modbus_bench: Any) -> None:
    box = modbus_bench(87)
    box.set(power=71_234.0, energy=1_927_684.0, session_energy=12_345.6, rfid="e4a3c7d2")
    block = box.block(100, 37, function=4)
    assert [box.u32(address, function=4) for address in (101, 104)] == [78_150, 71_234]
    assert box.u16(103, function=4) == round(100 * 71_234 / 781.5)
    assert (block[:2].hex(), block[14:16].hex(), block[18:20].hex()) == ("0003", "04d3", "0001")
    assert (block[44:48].hex(), block[64:72].hex()) == ("e4a3c7d2", f"{1_927_684:016x}")
    assert box.refusal(box.block, 138, 1, function=4) == 2


def test_each_connector_has_its_own_limit_session_and_energy(modbus_bench: Any) -> None:
    box = modbus_bench(86)
    charging(box, 40_000, 1)
    charging(box, 71_000, 2)
    first, second = box.installation.devices
    assert (first.twin.power, second.twin.power) == (pytest.approx(40_000), pytest.approx(71_000))
    assert (box.u32(200), box.u32(4, function=4), box.u16(2, function=4)) == (71_000, 111_000, 2)
    box.wait(4)
    assert second.twin.session_energy == pytest.approx(71_000 * 4 / 3600, rel=0.1)
    assert [each.target for each in second.writes] == [200]


def test_two_cars_have_the_station_between_them(modbus_bench: Any) -> None:
    box = modbus_bench(85)
    charging(box, 50_000, 1)
    charging(box, 50_000, 2)
    assert [each.twin.power for each in box.installation.devices] == [pytest.approx(25_000)] * 2
    box.write(0, 0, 20_000)
    assert box.u32(4, function=4) == 20_000
    box.installation.devices[0].operator["unplug"]()
    assert box.u32(4, function=4) == 20_000


def test_no_new_limit_for_5_seconds_is_a_fallback_and_the_next_one_ends_it(modbus_bench: Any) -> None:
    box = modbus_bench(87)
    charging(box)
    for _ in range(2):
        box.wait(2)
        assert box.u16(100, function=4) == 3
    box.wait(1)
    assert box.truth()["power"] == 0
    assert (box.u16(100, function=4), box.u32(100)) == (5, 40_000)
    charging(box, 30_000)
    assert box.truth()["power"] == pytest.approx(30_000)


def test_where_polling_counts_reads_keep_the_limit(modbus_bench: Any) -> None:
    box = modbus_bench(87, fed_by="any", grid_fallback_power=10_000.0)
    charging(box)
    for _ in range(5):
        box.wait(4)
        assert box.u16(100, function=4) == 3
    assert box.truth()["power"] == pytest.approx(40_000)
    box.wait(6)
    assert box.truth()["power"] == pytest.approx(10_000)


def test_zero_watts_put_the_connector_out_of_service_and_end_the_session(modbus_bench: Any) -> None:
    box = modbus_bench(87, grid_fallback_timeout=0.0)
    charging(box)
    charging(box, 0)
    assert (box.u16(100, function=4), box.truth()["power"]) == (8, 0)
    box.write(100, 0, 40_000)
    assert (box.u16(100, function=4), box.truth()["power"]) == (6, 0)
    box.device.operator["unplug"]()
    box.device.operator["plug"]()
    assert (box.u16(100, function=4), box.truth()["power"]) == (3, pytest.approx(40_000))


def test_1547_watts_pause_a_session_that_goes_on_later(modbus_bench: Any) -> None:
    box = modbus_bench(87, grid_fallback_timeout=0.0)
    charging(box, 1547)
    assert (box.u16(100, function=4), box.truth()["vehicle"]) == (5, "B")
    assert (box.u32(110, function=4), box.u32(136, function=4)) == (1547, 1547)
    charging(box, 1600)
    assert box.u16(100, function=4) == 3


def test_a_card_before_the_cable_waits_104_seconds(modbus_bench: Any) -> None:
    box = modbus_bench(87, authorization=True)
    box.device.operator["rfid"]()
    assert box.u16(100, function=4) == 1
    box.wait(105)
    assert box.u16(100, function=4) == 0
    box.device.operator["plug"]()
    assert box.u16(100, function=4) == 2
    box.device.operator["rfid"]()
    assert box.u16(100, function=4) == 3


def test_old_firmware_tells_no_power(modbus_bench: Any) -> None:
    box = modbus_bench(85, firmware="1.7.1")
    box.set(power=7000.0)
    assert (box.u32(104, function=4), box.u16(103, function=4) > 0) == (0, True)


def test_an_ac_interface_is_a_third_connector() -> None:
    station = build(86, "modbus-tcp", clock=lambda: 1.75e9, ac_interface=True)
    assert [device.id for device in station.devices] == ["86-1", "86-1-2", "86-1-3"]
    ac = station.devices[2].twin
    ac.set("plugged", True)
    assert ac.power == pytest.approx(22_080)


def test_every_model_has_its_rating_and_two_connectors() -> None:
    for row, rating in ((85, 50_000), (86, 150_000), (87, 200_000), (88, 300_000), (89, 400_000), (95, 180_000)):
        station = build(row, "modbus-tcp", clock=lambda: 1.75e9)
        assert [device.twin.rated_power for device in station.devices] == [rating, rating]
    assert station.profile.evidence == "assumed"

"""SolaX EV charger: two generations, use modes, commands, and a current of 0 that has not been set."""

from typing import Any

import pytest


@pytest.fixture
def box(modbus_bench: Any) -> Any:
    return modbus_bench(98)


@pytest.mark.parametrize("protocol", ["modbus-tcp", "modbus-rtu"])
def test_values_are_in_hundredths_watts_and_tenths_of_a_kilowatt_hour(modbus_bench: Any, protocol: str) -> None:
    box = modbus_bench(98, protocol)
    box.set(power=21_345.6, current_l2=31.47, voltage_l3=229.4, session_energy=71_234.0, temperature=-4.4)
    assert [box.u16(at, function=4) for at in (0x05, 0x02, 0x0B, 0x0F)] == [3147, 22_940, 21_346, 712]
    assert (box.s16(0x1C, function=4), box.u16(0x1D, function=4)) == (-4, 2)
    assert (box.text(0x600, 7), box.u16(0x21, function=4)) == ("C3220417017042", 2)


def test_the_energy_has_its_high_word_first_in_the_first_generation_only(modbus_bench: Any) -> None:
    seen = {}
    for generation in ("G1", "G2"):
        box = modbus_bench(97, generation=generation)
        box.set(energy=71_234_500.0)
        seen[generation] = (box.block(0x10, 2, function=4).hex(), box.block(0x619, 2).hex(), box.u16(0x25, function=4))
    assert seen == {"G1": ("000ade99", "de99000a", 113), "G2": ("de99000a", "de99000a", 907)}


def test_an_x1_fills_the_first_of_three(modbus_bench: Any) -> None:
    box = modbus_bench(96)
    box.set(plugged=True)
    assert box.block(0, 3, function=4).hex() == "59d8" + "0000" * 2
    assert ([box.u16(at, function=4) for at in (0x08, 0x09, 0x0B, 0x22)], box.truth()["power"]) == (
        [7360, 0, 7360, 0],
        7360,
    )


def test_a_current_of_0_has_not_been_set_and_6_to_32_amperes_bound(box: Any) -> None:
    box.set(plugged=True)
    assert (box.u16(0x628), box.truth()["power"]) == (0, pytest.approx(22_080))
    box.write(0x628, 1370)
    assert (box.u16(0x628), box.truth()["power"]) == (1370, pytest.approx(13.7 * 690))
    box.write(0x628, 0)
    assert box.truth()["power"] == pytest.approx(22_080)
    assert [box.refusal(box.write, 0x628, each) for each in (599, 3201)] == [3, 3]
    box.write(0x668, 1000)
    assert box.truth()["power"] == pytest.approx(6900)


def test_commands_stop_and_start(box: Any) -> None:
    box.set(plugged=True)
    box.write(0x627, 3)
    assert (box.u16(0x1D, function=4), box.truth()["power"], box.u16(0x627)) == (12, 0, 0)
    box.write(0x627, 4)
    assert (box.u16(0x1D, function=4), box.truth()["power"]) == (2, pytest.approx(22_080))
    box.write(0x627, 2)
    assert box.u16(0x1D, function=4) == 5


def test_the_mode_stop_of_the_first_generation_ends_with_a_start_command_only(modbus_bench: Any) -> None:
    first, second = modbus_bench(97), modbus_bench(97, generation="G2")
    for box in (first, second):
        box.set(plugged=True)
        box.write(0x60D, 0)
        box.write(0x60D, 1)
    assert (first.u16(0x60D), second.u16(0x60D)) == (0, 1)
    first.write(0x627, 4)
    assert (first.u16(0x60D), first.truth()["power"]) == (1, pytest.approx(11_040))


def test_eco_has_its_gears_and_green_waits_for_the_sun(box: Any) -> None:
    box.set(plugged=True)
    box.write(0x60D, 2)
    box.write(0x60E, 4)
    assert box.truth()["power"] == pytest.approx(20 * 690)
    box.write(0x60D, 3)
    assert (box.truth()["power"], box.u16(0x1D, function=4), box.u16(0x104, function=4)) == (0, 8, 2)


def test_phases_are_switched_by_the_second_generation_and_chosen_by_both(modbus_bench: Any) -> None:
    box = modbus_bench(98, generation="G2")
    box.set(plugged=True)
    box.write(0xA105, 1)
    assert (box.u16(0xA02A, function=4), box.u16(0x1D, function=4), box.truth()["power"]) == (1, 17, 7360)
    box.wait(11)
    assert box.u16(0x1D, function=4) == 2
    first = modbus_bench(98)
    first.set(plugged=True)
    first.write(0x625, 3)
    assert (first.u16(0x28, function=4), first.truth()["power"]) == (3, 7360)
    assert first.refusal(first.write, 0xA105, 2) == 2


def test_a_card_or_a_start_command_opens_a_session(modbus_bench: Any) -> None:
    box = modbus_bench(98, authorization=True)
    box.set(plugged=True)
    assert (box.u16(0x610), box.u16(0x1D, function=4), box.truth()["power"]) == (1, 10, 0)
    box.write(0x627, 4)
    assert box.u16(0x1D, function=4) == 2


def test_settings_that_move_nothing_keep_what_was_written(box: Any) -> None:
    box.write(0x61D, -120)
    box.write(0x61E, 1, 2, 3, 4, 5, 26)
    assert (box.s16(0x61D), box.block(0x61E, 6).hex()) == (-120, "00010002000300040005001a")
    assert (box.u16(0x640), box.u16(0x630)) == (70, 0)


def test_a_restart_forgets_stop_and_current(box: Any) -> None:
    box.write(0x628, 700)
    box.write(0x627, 3)
    box.device.restart()
    box.set(plugged=True)
    assert (box.u16(0x628), box.truth()["power"]) == (0, pytest.approx(22_080))

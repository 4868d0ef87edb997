"""AE inverters on the wire: the identity that is supported and the one that is not, limits through model 123."""

from typing import Any

import pytest


@pytest.fixture
def bench(modbus_bench: Any) -> Any:
    return modbus_bench(36)


def test_the_ae_interface_tells_its_maker_and_model(bench: Any) -> None:
    assert bench.text(40004, 16) == "Advanced Energy" and bench.text(40020, 16) == "AE 3TL 17-IEC (Gen 3)"
    assert bench.u16(40124 + 1) == 17_000


def test_a_device_with_the_old_interface_has_another_name(modbus_bench: Any) -> None:
    bench = modbus_bench(34, identity="old")
    assert bench.text(40004, 16) == "REFUsol GmbH" and "AE" not in bench.text(40020, 16)


def test_values_are_told_in_integers(bench: Any) -> None:
    bench.set(power=-41.0, energy=70_123.0, frequency=49.97)
    assert bench.s16(40084) == -41 and bench.u32(40094) == 70_123 and bench.u16(40086) == 4_997
    assert bench.block(40105, 1) == b"\x80\0"  # the transformer's temperature is not implemented
    assert bench.s16(40103) == 250 and bench.u32(40110) == 0  # what the model demands is there


def test_a_limit_is_enabled_and_released(bench: Any) -> None:
    bench.set(power=16_000.0)
    bench.write(40233, 3_333)
    bench.write(40237, 1)
    assert bench.truth()["power"] == pytest.approx(5_666.1)
    bench.write(40233, 5_000)
    assert bench.truth()["power"] == 8_500.0
    bench.write(40237, 0)
    assert bench.truth()["power"] == 16_000.0


def test_the_reversion_time_ends_a_limit(bench: Any) -> None:
    bench.set(power=16_000.0)
    bench.write(40233, 1_000, 0, 90, 0, 1)
    bench.wait(89)
    assert bench.truth()["power"] == 1_700.0
    bench.wait(2)
    assert bench.truth()["power"] == 16_000.0


def test_disconnecting_stops_it_and_a_restart_connects_it(bench: Any) -> None:
    bench.set(power=16_000.0)
    bench.write(40232, 0)
    assert bench.truth()["power"] == 0.0
    bench.device.face.reboot()
    assert bench.truth()["power"] == 16_000.0


def test_writes_are_logged_and_nonsense_is_refused(bench: Any) -> None:
    assert bench.refusal(bench.write, 40233, 10_500) == 3 and bench.refusal(bench.write, 40084, 5) == 2
    assert [each.accepted for each in bench.device.writes] == [False, False]

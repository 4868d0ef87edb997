"""Energy between two readings of a counter that does what counters do."""

import pytest

from controller.counters import Counter


def counted(*readings: tuple[float, float], power: float = 10_000.0) -> Counter:
    counter = Counter(power)
    for now, reading in readings:
        counter.count(reading, now)
    return counter


def test_energy_is_the_difference_of_two_readings():
    assert counted((0, 70_123.4), (3600, 78_456.7)).total == pytest.approx(8333.3)


def test_the_first_reading_counts_nothing():
    assert counted((0, 98_765_432.1)).total == 0


def test_a_wrap_of_32_bits_counts_across_the_end():
    end = float(1 << 32)
    assert counted((0, end - 2000.5), (3600, 1500.25)).total == pytest.approx(3500.75)


def test_a_step_back_counts_nothing_and_is_told():
    counter = counted((0, 50_000_000.0), (3600, 1_000_000.0), (7200, 1_004_000.0))
    assert counter.total == pytest.approx(4000.0)
    back = counted((0, 50_000_000.0), (3600, 1_000_000.0))
    assert "stepped back" in back.note


def test_a_jump_that_the_device_cannot_do_counts_nothing_and_is_told():
    counter = counted((0, 1_000.0), (10, 900_000.0))
    assert counter.total == 0
    assert "jumped" in counter.note


def test_an_absent_reading_changes_nothing():
    counter = counted((0, 1_000.0))
    assert counter.count(None, 5.0) == 0
    assert counter.count(2_500.0, 3600.0) == pytest.approx(1500.0)

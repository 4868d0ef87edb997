"""What charging stations have in common: currents in whole steps, none below 6 A, never more than asked for."""

import pytest

from controller.drivers.shared.iec61851 import allowed, offers, smallest, status


@pytest.mark.parametrize(
    ("amperes", "step", "told"),
    [(13.37, 1, 13), (13.37, 0.1, 13.3), (13.3, 0.1, 13.3), (6, 0.01, 6), (5.999, 1, 0), (-7, 1, 0), (70_000, 1, 16)],
)
def test_a_current_is_rounded_down_to_what_the_station_can_be_told(amperes, step, told):
    assert allowed(amperes, 16, step) == pytest.approx(told)


def test_no_number_is_no_current():
    assert allowed(float("nan"), 16) == 0
    assert allowed(float("inf"), 16) == 16
    assert allowed(13, 0) == 0


def test_limits_that_are_not_set_do_not_count():
    assert smallest((0, None, 20, 13), 32) == 13
    assert smallest((0, None, 63), 32) == 32
    assert (offers(None), offers(5.9), offers(6)) == (None, False, True)


def test_states_of_the_vehicle_say_what_the_station_does():
    assert [status(each) for each in ("A", "B", "C", "D", "E", "F", None)] == [
        "standby", "standby", "running", "running", "fault", "fault", None,
    ]  # fmt: skip

"""The least and the most of the last seconds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.strategy.lately import NEVER, looked, most


def test_a_peak_shorter_than_the_look_never_counts_and_a_dip_counts_at_once_and_as_long():
    looks, found = NEVER, []
    for now, watts in enumerate([2000.0] * 8 + [9000.0] * 4 + [2000.0] * 3 + [-500.0] + [2000.0] * 7):
        least, looks = looked(looks, float(now), watts, 5.0)
        found.append(least)
    assert found == [0.0] * 6 + [2000.0] * 9 + [-500.0] * 6 + [2000.0] * 2


@given(st.lists(st.tuples(st.floats(0.1, 4.0), st.floats(-1e5, 1e5)), min_size=1), st.floats(1.0, 20.0))
def test_it_is_the_least_of_all_looks_of_the_last_seconds(said: list[tuple[float, float]], seconds: float):
    looks, now, all_of_them = NEVER, 0.0, []
    for pause, watts in said:
        now += pause
        all_of_them.append((now, watts))
        least, looks = looked(looks, now, watts, seconds)
        expected = min(each for at, each in all_of_them if at >= now - seconds)
        long_enough = all_of_them[0][0] < now - seconds
        assert least == pytest.approx(expected if long_enough else min(expected, 0.0))


@given(st.lists(st.tuples(st.floats(0.1, 4.0), st.floats(-1e5, 1e5)), min_size=1), st.floats(1.0, 20.0))
def test_the_most_is_that_of_all_looks_of_the_last_seconds(said: list[tuple[float, float]], seconds: float):
    looks, now, all_of_them = NEVER, 0.0, []
    for pause, watts in said:
        now += pause
        all_of_them.append((now, watts))
        greatest, looks = most(looks, now, watts, seconds)
        assert greatest == max(each for at, each in all_of_them if at >= now - seconds)

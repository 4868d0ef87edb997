"""How a power is divided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.strategy.sharing import Want, handed_over, shared


def test_everybody_gets_the_same_until_one_has_enough():
    shares = shared(9000.0, {"a": Want(2000.0), "b": Want(11_000.0), "c": Want(70_000.0)})
    assert shares == {"a": 2000.0, "b": 3500.0, "c": 3500.0}


def test_one_without_an_end_takes_what_is_left():
    assert shared(5000.0, {"a": Want(1234.5), "b": Want(float("inf"))}) == {"a": 1234.5, "b": 3765.5}


def test_shares_follow_the_weights():
    shares = shared(6000.0, {"east": Want(10_000.0, weight=10_000.0), "west": Want(5000.0, weight=5000.0)})
    assert shares == pytest.approx({"east": 4000.0, "west": 2000.0})


def test_who_cannot_have_the_least_gets_nothing_and_the_first_are_served():
    car = Want(11_040.0, least=4140.0)
    assert shared(7560.0, {"first": car, "second": car}) == {"first": 7560.0, "second": 0.0}
    assert shared(4000.0, {"first": car, "second": car}) == {"first": 0.0, "second": 0.0}


def test_the_least_comes_before_an_equal_share():
    assert shared(5000.0, {"pump": Want(9000.0), "car": Want(11_040.0, least=4140.0)}) == {"pump": 860.0, "car": 4140.0}


def test_who_is_to_get_more_waits_until_the_others_take_less():
    before, shares = {"a": 7000.0, "b": 2000.0}, {"a": 4000.0, "b": 5000.0}
    assert handed_over(shares, before, {"a": 6500.0, "b": 1900.0}) == {"a": 4000.0, "b": 2500.0}
    assert handed_over(shares, before, {"a": 3900.5, "b": 1900.0}) == shares
    assert handed_over(shares, before, {"a": None, "b": 1900.0}) == {"a": 4000.0, "b": 2000.0}
    assert handed_over(shares, {}, {"a": 9000.0, "b": 0.0}) == shares


wants = st.builds(
    lambda least, more, weight, endless: Want(float("inf") if endless else least + more, least, weight),
    st.floats(0, 5000), st.floats(0, 20_000), st.floats(0.1, 20_000), st.booleans(),
)  # fmt: skip


@given(st.floats(0, 100_000), st.lists(wants, max_size=6))
def test_never_more_than_there_is_nor_than_anybody_wants(total: float, each: list[Want]):
    named = {str(number): want for number, want in enumerate(each)}
    shares = shared(total, named)
    assert sum(shares.values()) <= total * (1 + 1e-9) + 1e-6
    for name, want in named.items():
        assert shares[name] == 0.0 or want.least <= shares[name] <= max(want.most, want.least)


@given(st.floats(1, 100_000), st.lists(wants, min_size=1, max_size=6))
def test_nothing_is_left_while_somebody_who_is_served_wants_more(total: float, each: list[Want]):
    named = {str(number): want for number, want in enumerate(each)}
    shares = shared(total, named)
    hungry = [name for name, want in named.items() if 0 < shares[name] < want.most * (1 - 1e-9)]
    assert not hungry or sum(shares.values()) == pytest.approx(total, rel=1e-6)

"""Signals, and which of several counts."""

from controller.strategy.signals import Signal, continued, strictest


def signal(source: str, value: float | None, unit: str = "W", kind: str = "feed-in", since: float = 10.0) -> Signal:
    return Signal(source, kind, value, unit, since, 1_750_000_000.0 + since, "because")  # type: ignore[arg-type]


def test_the_lowest_of_percent_and_watts_counts():
    ripple, lpp = signal("ripple control", 60.0, "%"), signal("LPP", 70_000.0)
    assert strictest([ripple, lpp], "feed-in", 100_000.0) is ripple
    assert strictest([ripple, lpp], "feed-in", 120_000.0) is lpp


def test_what_does_not_limit_does_not_count():
    free = [
        signal("ripple control", 100.0, "%"),
        signal("LPP", None),
        signal("section 14a", 4200.0, kind="consumption"),
    ]
    assert strictest(free, "feed-in", 8000.0) is None
    assert [each.limits for each in free] == [False, False, True]


def test_a_percentage_of_nobody_knows_what_leaves_nothing():
    assert signal("ripple control", 30.0, "%").watts(None) == 0.0
    assert signal("ripple control", 100.0, "%").watts(None) == float("inf")


def test_a_signal_that_says_the_same_keeps_its_beginning():
    before = signal("LPP", 4200.0)
    assert continued(before, signal("LPP", 4200.0, since=99.5)) is before
    other = signal("LPP", 4100.0, since=99.5)
    assert continued(before, other) is other
    assert continued(None, other) is other

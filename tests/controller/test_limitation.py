"""LPC's state machine against the cases of the EEBUS test specification (LPC-TS-...), whose numbers tests carry.

Source: EEBus UC TS Limitation of Power Consumption V1.0.0; abstract test cases are named ATC, shortened. Numbers of the
use case itself: 901 is TS-017, 902 TS-018, 904 TS-020, 905 TS-021, 907 TS-023 and 024, 908 TS-025, 909 TS-026, 911
TS-028, 912 TS-029, 914 and 916 (a heartbeat in time, one and a following write) are in all of these, 918 TS-031, 919
TS-032, 920 TS-033, 921 TS-022/2, 922 TS-022/3.
"""

from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.strategy.limitation import (
    Answer,
    Machine,
    advanced,
    beaten,
    duration_written,
    power_written,
    written,
)

HOUR = 3600.0


def machine(now: float = 1000.0, duration: float = 2 * HOUR) -> Machine:
    """Just started."""
    return Machine(4200.0, duration, now)


def limited(now: float = 1000.0, watts: float = 2345.6, duration: float | None = None) -> Machine:
    found, answer = written(beaten(machine(now), now), watts, True, duration, now)
    assert answer.accepted
    return found


def controlled(now: float = 1000.0) -> Machine:
    return written(beaten(machine(now), now), 4200.0, False, None, now)[0]


def failed(now: float = 1000.0) -> Machine:
    """In the fail-safe state since `now`."""
    return advanced(limited(now - 120.0), now)


def alone(now: float = 1000.0) -> Machine:
    """Unlimited/autonomous since `now`."""
    return advanced(failed(now - 2 * HOUR), now)


def test_017_after_a_start_the_fail_safe_limit_holds_and_no_other():
    assert (machine().state, machine().allowed) == ("init", 4200.0)
    assert advanced(machine(1000.0), 1000.0 + 130.0).state in ("init", "unlimited/autonomous")  # CSTransition3_001
    assert advanced(machine(1000.0), 1000.0 + 2 * HOUR).allowed == inf


def test_036_a_write_before_any_heartbeat_is_refused():
    found, answer = written(machine(), 4200.0, False, None, 1001.0)
    assert (answer.accepted, found.state) == (False, "init")


@pytest.mark.parametrize("begin", [machine, failed, alone])
def test_020_032_a_heartbeat_and_a_following_limit_lead_to_limited(begin: Any):
    found, answer = written(beaten(begin(), 1010.0), 1500.0, True, None, 1070.0)
    assert (answer, found.state, found.allowed) == (Answer(True), "limited", 1500.0)


@pytest.mark.parametrize("begin", [machine, failed, alone])
def test_021_033_a_heartbeat_and_a_deactivated_limit_lead_to_unlimited_controlled(begin: Any):
    found, answer = written(beaten(begin(), 1010.0), 1500.0, False, None, 1011.0)
    assert (answer.accepted, found.state, found.allowed) == (True, "unlimited/controlled", inf)


@pytest.mark.parametrize("begin", [machine, failed, alone])
@pytest.mark.parametrize("watts", [-1000.0, nan, inf])
def test_018_031_a_limit_that_cannot_be_applied_is_refused_and_leads_to_unlimited_controlled(begin: Any, watts: float):
    found, answer = written(beaten(begin(), 1010.0), watts, True, None, 1011.0)
    assert (answer.accepted, found.state) == (False, "unlimited/controlled")


@pytest.mark.parametrize("begin", [limited, controlled])
def test_023_024_a_refused_limit_changes_nothing_while_the_guard_is_there(begin: Any):
    before = begin()
    for active in (True, False):
        found, answer = written(before, -1000.0, active, None, 1005.0)
        assert (answer.accepted, found) == (False, before)


@pytest.mark.parametrize("begin", [failed, alone])
def test_036_037_a_write_90_s_after_the_heartbeat_is_refused_and_so_are_other_values_before_a_limit(begin: Any):
    before = beaten(begin(1000.0), 1010.0)
    late, answer = written(before, 1500.0, False, None, 1100.0)
    assert (answer.accepted, late.state) == (False, before.state)
    assert not power_written(before, 3000.0, 1011.0)[1].accepted
    assert not duration_written(before, 3 * HOUR, 1011.0)[1].accepted
    again, answer = written(beaten(late, 1100.0), 1500.0, False, None, 1100.0)
    assert (answer.accepted, again.state) == (True, "unlimited/controlled")
    assert power_written(again, 3000.0, 1101.0)[1].accepted


@pytest.mark.parametrize(
    ("silence", "state"), [(60.0, "limited"), (119.9, "limited"), (120.0, "fail-safe"), (121.0, "fail-safe")]
)
def test_029_without_heartbeat_for_120_s_the_fail_safe_limit_holds(silence: float, state: str):
    found = advanced(limited(1000.0), 1000.0 + silence)
    assert found.state == state
    assert found.allowed == (2345.6 if state == "limited" else 4200.0)


def test_028_also_when_nothing_was_limited():
    assert advanced(controlled(1000.0), 1119.9).allowed == inf
    assert advanced(controlled(1000.0), 1120.0).allowed == 4200.0


def test_heartbeats_every_minute_keep_a_limit_for_ever():
    found = limited(0.0)
    for minute in range(1, 1500):
        found = beaten(found, 60.0 * minute)
    assert (found.state, found.allowed) == ("limited", 2345.6)


def test_002_a_write_without_heartbeat_for_90_s_is_taken_while_the_guard_is_there():
    found, answer = written(limited(1000.0), 3000.0, True, None, 1090.0)
    assert (answer.accepted, found.allowed) == (True, 3000.0)
    assert advanced(found, 1119.0).state == "limited"
    assert advanced(found, 1121.0).state == "fail-safe"


def test_025_a_limit_with_a_duration_expires():
    found = limited(1000.0, 1500.0, duration=90.5)
    assert advanced(found, 1090.4).allowed == 1500.0
    assert (advanced(found, 1090.5).state, advanced(found, 1090.5).allowed) == ("unlimited/controlled", inf)
    assert advanced(found, 1121.0).state == "fail-safe"


def test_a_duration_of_0_s_is_over_at_once_and_a_negative_one_is_refused():
    assert written(limited(), 1500.0, True, 0.0, 1001.0)[0].state == "unlimited/controlled"
    assert not written(limited(), 1500.0, True, -1.0, 1001.0)[1].accepted


def test_026_a_deactivated_limit_is_over_at_once():
    found, answer = written(limited(1000.0, duration=3600.0), 1500.0, False, None, 1001.0)
    assert (answer.accepted, found.allowed) == (True, inf)


@pytest.mark.parametrize("hours", [2.0, 24.0])
def test_012_022_3_the_fail_safe_state_lasts_its_duration_and_then_nothing_is_limited(hours: float):
    found, answer = duration_written(controlled(1000.0), hours * HOUR, 1000.0)
    assert answer.accepted
    end = 1120.0 + hours * HOUR
    assert advanced(found, end - 0.1).allowed == 4200.0
    assert (advanced(found, end).state, advanced(found, end).allowed) == ("unlimited/autonomous", inf)


def test_022_2_a_heartbeat_alone_keeps_the_fail_safe_state_for_120_s():
    found = beaten(failed(1000.0), 1010.0)
    found = beaten(found, 1070.0)
    assert advanced(found, 1129.9).state == "fail-safe"
    assert advanced(found, 1130.0).state == "unlimited/autonomous"


def test_015_durations_of_2_to_24_hours_are_taken_and_of_a_longer_one_the_longest():
    found, answer = duration_written(controlled(), 1.9 * HOUR, 1001.0)
    assert (answer.accepted, found.duration) == (False, 2 * HOUR)
    found, answer = duration_written(found, 7.5 * HOUR, 1001.0)
    assert (answer.accepted, found.duration) == (True, 7.5 * HOUR)
    found, answer = duration_written(found, 25.2 * HOUR, 1001.0)
    assert (answer.accepted, found.duration) == (False, 24 * HOUR)
    assert not duration_written(found, nan, 1001.0)[1].accepted


def test_038_a_fail_safe_limit_is_at_least_0():
    found, answer = power_written(controlled(), -1000.0, 1001.0)
    assert (answer.accepted, found.power) == (False, 4200.0)
    assert power_written(controlled(), 0.0, 1001.0)[0].power == 0.0
    assert power_written(controlled(), 70_000.0, 1001.0)[0].power == 70_000.0


def test_a_limit_that_stood_before_a_restart_stands_on_until_the_guard_is_heard_or_it_expires():
    found = Machine(4200.0, 2 * HOUR, 1000.0, limit=1500.0, expires=1300.0)
    assert advanced(found, 1299.0).allowed == 1500.0
    assert advanced(found, 1300.0).allowed == 4200.0
    assert written(beaten(found, 1010.0), 0.0, False, None, 1011.0)[0].allowed == inf
    assert Machine(4200.0, 2 * HOUR, 1000.0, limit=9000.0).allowed == 4200.0


events = st.lists(
    st.tuples(
        st.floats(0.0, 3000.0),
        st.one_of(
            st.just("beat"),
            st.tuples(st.floats(-100.0, 20_000.0), st.booleans(), st.one_of(st.none(), st.floats(0.0, 5000.0))),
        ),
    ),
    max_size=20,
)


@given(events, st.integers(1, 60))
def test_it_does_not_matter_how_often_somebody_looks(happened: list[Any], looks: int):
    seldom = often = machine(0.0)
    now = 0.0
    for pause, event in happened:
        for part in range(looks):
            often = advanced(often, now + pause * part / looks)
        now += pause
        if event == "beat":
            seldom, often = beaten(seldom, now), beaten(often, now)
        else:
            (seldom, one), (often, other) = written(seldom, *event, now), written(often, *event, now)
            assert one == other
        assert seldom == often


@given(events)
def test_more_than_the_fail_safe_limit_flows_only_by_the_guards_word_or_after_its_duration(happened: list[Any]):
    found, now, heard, start = machine(0.0), 0.0, -inf, 0.0
    for pause, event in happened:
        now += pause
        found = beaten(found, now) if event == "beat" else written(found, *event, now)[0]
        heard = now if event == "beat" else heard
        if found.allowed > 4200.0 and found.state != "unlimited/autonomous":
            assert now - heard <= 120.0
        if found.state == "unlimited/autonomous":
            assert now - start >= 2 * HOUR or heard > -inf

"""The bounded event log."""

from hypothesis import given
from hypothesis import strategies as st

from controller.log import Log


def filled(count: int, limit: int = 10_000) -> Log:
    log = Log(limit)
    for number in range(count):
        log.append(1_750_000_000.5 + number, 70_000.25 + number, "roof", f"event {number}")
    return log


def said(events) -> list[str]:
    return [event.what for event in events]


def test_a_printer_goes_on_where_it_stopped():
    log = filled(3)
    seen = log.total
    log.append(1_749_996_400.0, 70_003.0, "grid", "the clock has gone back by an hour")
    assert said(log.since(seen)) == ["the clock has gone back by an hour"]
    assert log.since(log.total) == [] == log.since(log.total + 5)


def test_only_the_newest_are_kept_and_the_dropped_are_counted():
    log = filled(70_005, limit=10_000)
    assert (len(log), log.dropped, log.total) == (10_000, 60_005, 70_005)
    assert (log[0].what, log[-1].what) == ("event 60005", "event 70004")
    assert said(log.since(70_003)) == ["event 70003", "event 70004"]
    assert said(log.since(3))[:1] == ["event 60005"]


def test_it_is_a_sequence_of_what_is_kept():
    log = filled(7, limit=5)
    assert said(log) == [f"event {number}" for number in range(2, 7)]
    assert said(log[1:-1]) == ["event 3", "event 4", "event 5"]
    assert log[2] in log
    assert (log[2].time, log[2].monotonic, log[2].device) == (1_750_000_004.5, 70_004.25, "roof")


@given(st.lists(st.integers(0, 30), max_size=20), st.integers(1, 40))
def test_whoever_looks_often_enough_misses_nothing(batches: list[int], limit: int):
    log, seen, printed, written = Log(limit), 0, [], []
    for batch in batches:
        for _ in range(min(batch, limit)):
            written.append(f"event {len(written)}")
            log.append(0.0, 0.0, "", written[-1])
        printed += said(log.since(seen))
        seen = log.total
    assert printed == written
    assert len(log) <= limit

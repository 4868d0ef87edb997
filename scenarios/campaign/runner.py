"""Runs cases, here or in several processes, and hands each outcome over as it comes."""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from rigs.lasting import settled
from scenarios.campaign.cases import Case, Outcome, tell

CHUNK = 4  # cases a worker takes at a time: small enough to end together, large enough not to be all traffic
SWEPT = 10_000  # objects that a worker makes before it looks which of them nobody has any more


def begin() -> None:
    """What a worker does before its first case."""
    settled()
    gc.set_threshold(SWEPT)


def tell_all(cases: Sequence[Case]) -> list[Outcome]:
    return [tell(case) for case in cases]


def run_local(
    cases: Sequence[Case], jobs: int, done: Callable[[Outcome], None] = lambda outcome: None
) -> list[Outcome]:
    """All outcomes in the order of `cases`, whatever order they came in."""
    found: dict[Case, Outcome] = {}

    def take(outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            found[outcome.case] = outcome
            done(outcome)

    if jobs <= 1 or len(cases) <= CHUNK:
        for case in cases:
            take([tell(case)])
    else:
        with ProcessPoolExecutor(jobs, initializer=begin) as pool:
            waiting = [pool.submit(tell_all, chunk) for chunk in chunks(cases)]
            try:
                for each in as_completed(waiting):
                    take(each.result())
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    return [found[case] for case in cases]


def chunks(cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    for start in range(0, len(cases), CHUNK):
        yield cases[start : start + CHUNK]

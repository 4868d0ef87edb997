"""Runs cases on a dask cluster: the same outcomes as `scenarios.campaign.runner`, wherever the workers are.

A worker that dies has its cases told again by another; an outcome is kept once, by its case.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from controller.errors import ConfigurationError
from scenarios.campaign.cases import Case, Outcome
from scenarios.campaign.runner import chunks, tell_all

RETRIES = 3  # times that a case whose worker died is given to another


def run_dask(
    cases: Sequence[Case], jobs: int, scheduler: str = "", done: Callable[[Outcome], None] = lambda outcome: None
) -> list[Outcome]:
    """All outcomes in the order of `cases`. `scheduler`: address of a running one, otherwise a cluster of `jobs`."""
    try:
        from distributed import Client, LocalCluster, as_completed
    except ImportError as error:
        raise ConfigurationError("dask.distributed is not installed, install hemtwin[dask]", key="engine") from error
    with ExitStack() as stack:
        where: Any = scheduler
        if not scheduler:
            options = {"threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
            cluster: Any = LocalCluster(n_workers=jobs, **options)  # type: ignore[no-untyped-call]
            where = stack.enter_context(cluster)
        try:
            client: Any = stack.enter_context(
                Client(where, timeout=10, set_as_default=False)  # type: ignore[no-untyped-call]
            )
        except OSError as error:
            raise ConfigurationError(f"no dask scheduler answers at {scheduler}", key="scheduler") from error
        futures = [client.submit(tell_all, list(chunk), pure=False, retries=RETRIES) for chunk in chunks(cases)]
        found: dict[Case, Outcome] = {}
        for future in as_completed(futures, loop=client.loop):  # type: ignore[no-untyped-call]
            for outcome in future.result():
                if outcome.case not in found:
                    found[outcome.case] = outcome
                    done(outcome)
    return [found[case] for case in cases]

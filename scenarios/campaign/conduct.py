"""Conducts a campaign: tells the cases of a selection, here or elsewhere, and gathers the whole, also from shards."""

import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from controller.errors import ConfigurationError
from scenarios.campaign.cases import Outcome
from scenarios.campaign.dask_engine import run_dask
from scenarios.campaign.journal import Journal
from scenarios.campaign.results import document, outcomes
from scenarios.campaign.runner import run_local
from scenarios.campaign.selection import Selection

Progress = Callable[[int, int], None]
ENGINES = ("local", "dask")


def run(
    selection: Selection, *, jobs: int = 1, engine: str = "local", scheduler: str = "", shard: tuple[int, int] = (1, 1),
    journal: Path | None = None, progress: Progress = lambda done, all_: None,
) -> dict[str, Any]:  # fmt: skip
    """results.json of a selection, as plain data. `shard` (i, n): only every n-th case, counted from the i-th.

    `journal`: where cases are kept as they come; whoever writes the report takes it away.
    """
    if engine not in ENGINES:
        raise ConfigurationError(f"one of {', '.join(ENGINES)}, not {engine!r}", key="engine")
    started = time.time()
    wanted = selection.cases()[shard[0] - 1 :: shard[1]]
    kept = Journal(journal) if journal is not None else None
    found = {case: kept.found[case] for case in wanted if case in kept.found} if kept else {}
    missing = [case for case in wanted if case not in found]

    def done(outcome: Outcome) -> None:
        found[outcome.case] = outcome
        if kept:
            kept.note(outcome)
        progress(len(found), len(wanted))

    if engine == "dask":
        run_dask(missing, jobs, scheduler, done)
    else:
        run_local(missing, jobs, done)
    host = {"python": platform.python_version(), "machine": platform.machine(), "jobs": jobs, "engine": engine}
    about = {"started": started, "seconds": time.time() - started, "host": host, "resumed": len(wanted) - len(missing)}
    return document(selection, [found[case] for case in wanted], about)


def merge(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One results.json of the shards of one campaign."""
    first = parts[0]
    for part in parts[1:]:
        if part["selection"] != first["selection"]:
            raise ConfigurationError("the shards are not of one campaign: their selections differ", key="merge")
    selection = Selection.stored(first["selection"])
    found = {outcome.case: outcome for part in parts for outcome in outcomes(part)}
    wanted = selection.cases()
    if lacking := [case.id for case in wanted if case not in found]:
        raise ConfigurationError(f"{len(lacking)} cases are in no shard, the first is {lacking[0]}", key="merge")
    about = {"merged": len(parts), "seconds": sum(part["run"].get("seconds", 0.0) for part in parts)}
    return document(selection, [found[case] for case in wanted], about)

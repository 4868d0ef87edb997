"""What the long commands of the command line do: select, run, judge, write the report and say it in a few lines."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import reports
from controller.errors import ConfigurationError
from reports import terminal
from scenarios.campaign import baseline as known_failures
from scenarios.campaign import changes, conduct, journal, results, versions
from scenarios.campaign.selection import chosen_rows, select, sharded

JOURNAL = "cases.jsonl"  # what has been judged, until the report stands


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of the list is judged, in the words of the command line; empty is all of it."""

    firmware: str = "all"
    rows: str = ""
    protocol: str = ""
    scenario: str = ""
    faults: bool = False
    changed_since: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """How the work is shared out."""

    jobs: int = 1
    engine: str = "local"
    scheduler: str = ""
    shard: str = "1/1"


def comply(
    part: Part, work: Work, merge: Sequence[Path], baseline: Path | None, compare: tuple[str, str] | None,
    controller: Path | None, out: Path, require_built: bool = False,
) -> int:  # fmt: skip
    """Run a campaign, or merge shards of one; 0 when all held, 1 for a regression.

    `require_built`: also for a row that is not built.
    """
    selection = select(part.firmware, part.rows, part.protocol, part.scenario, faults=part.faults)
    if part.changed_since:
        selection = selection.only(changes.touched(changes.changed_files(part.changed_since)))
    known = known_failures.load(baseline) if baseline else []
    shard = sharded(work.shard)
    if compare is not None and not merge:
        versions.comparable([str(level) for level in selection.levels], *compare)
    if controller is not None:
        versions.usable(controller)
    reports.prepare(out)
    if merge:
        data = conduct.merge([reports.load(folder) for folder in merge])
    else:
        with terminal.progress("comply") as advance:
            data = conduct.run(
                selection, jobs=work.jobs, engine=work.engine, scheduler=work.scheduler, shard=shard,
                journal=out / JOURNAL, progress=advance,
            )  # fmt: skip
    lost: list[str] = []
    if controller is not None:
        data, lost = versions.against(data, controller, sys.argv[1:], out)
    unwritten = _write(data, out, work.jobs)
    terminal.verdicts(results.summary(data))
    if compare is not None:
        print("\n".join(versions.added(data, *compare)))
    verdict = known_failures.judge(results.failures(data), known, date.today())
    terminal.failures(verdict)
    if require_built:
        terminal.unbuilt(results.unbuilt(data))
    for line in lost:
        print(f"REGRESSION {line}")
    run = data["run"]
    print(f"{len(data['cases'])} cases, {results.virtual_hours(data):.0f} virtual hours, {run.get('seconds', 0):.1f} s")
    if unwritten:
        raise unwritten
    print(f"report: {out / 'index.html'}")
    return 1 if verdict.blocking or lost or (require_built and results.unbuilt(data)) else 0


def _write(data: dict[str, Any], out: Path, jobs: int) -> ConfigurationError | None:
    """Write the report; what stood in the way of it, when it could not be written and the judged cases are kept."""
    try:
        reports.write(data, out, jobs)
    except OSError as error:
        kept = f"; what was judged is kept in {out / JOURNAL}" if (out / JOURNAL).exists() else ""
        return ConfigurationError(f"no report, {error.strerror}{kept}", file=str(out), key="out")
    journal.done(out / JOURNAL)
    return None


def bench(file: Path, scenario: str, firmware: str, out: Path, record: Path | None = None) -> int:
    """The stories of a bench file's places, real ones behind their guards; 0 when all held, 1 otherwise.

    `record`: a recording of what crosses the lines, instead of the one that the bench file names.
    """
    from reports import benched
    from rigs.bench.benchfile import load
    from rigs.bench.recording import Recording
    from rigs.bench.runner import run
    from scenarios.campaign import real_devices

    found, stories = load(file), tuple(each.strip() for each in scenario.split(",") if each.strip())
    reports.prepare(out)
    where = record or (file.parent / found.bench.recording if found.bench.recording else None)
    kept = Recording(where) if where is not None else None
    heard = kept.of(found) if kept is not None else lambda name: None
    try:
        data = run(real_devices.tell(found, stories, heard=heard, say=_now, firmware=firmware))
    finally:
        if kept is not None:
            kept.close()
    index = benched.write(data, out)
    device = [each for each in data["results"] if each["evidence"] == real_devices.DEVICE]
    emulated = [each for each in data["results"] if each["evidence"] != real_devices.DEVICE]
    for what, entries in (("device", device), ("emulated", emulated)):
        counted = Counter(each["verdict"] for each in entries)
        print(f"{what}: " + ", ".join(f"{count} {verdict}" for verdict, count in sorted(counted.items())))
    print(f"report: {index}")
    return 1 if results.failures(data) else 0


def judge(file: Path, scenario: str, jobs: int, out: Path) -> int:
    """The stories of any controller; 0 when all held, 1 otherwise."""
    from scenarios.blackbox import judging
    from scenarios.blackbox.adapter import load

    stories = tuple(each.strip() for each in scenario.split(",") if each.strip())
    reports.prepare(out)
    data = asyncio.run(judging.judge(load(file), stories, _now, jobs))
    reports.save(data, out / "results.json")
    print(f"results: {out / 'results.json'}")
    return 1 if results.failures(data) else 0


def compared(first: str, second: str, out: Path) -> int:
    """Two judged controllers story by story; 0."""
    from reports import judged

    both = judged.load(first), judged.load(second)
    index = judged.write(*both, out)
    print("\n".join(judged.lines(*both)))
    print(f"report: {index}")
    return 0


def _now(line: str) -> None:
    print(line, flush=True)


def mutate(rows: str, jobs: int, out: Path | None) -> int:
    """Break everything once; 1 when too much of it goes unnoticed."""
    from scenarios.mutation import fates, trial

    with terminal.progress("mutate") as advance:
        found = trial.run(chosen_rows(rows), jobs, advance)
    print("\n".join(fates.told_of(found)))
    if out is not None:
        reports.prepare(out)
        plain = fates.plain(found)
        (out / "mutants.json").write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        reports.add_mutants(plain, out)  # into the compliance report that stands there, if one does
    return 1 if found.failed else 0


def simulate(path: str, days: int, seed: int, out: Path, start: str = "") -> None:
    """A site in virtual time, with its energy balance; `start` is a local day."""
    from controller.sitefile import load
    from reports import balance as pages
    from rigs import home as house

    begin = house.beginning(start)
    home = house.home(load(path), days=days, seed=seed, start=begin)
    reports.prepare(out)
    home.start()
    with terminal.progress("simulate") as advance:
        home.run(begin + days * 86400.0, advance)
    result = home.result()
    index = pages.write(result, out)
    print(f"{days} days from {result['local_start']}, local time of {result['time_zone']}")
    terminal.cars(result)
    print(f"turnover {result['turnover'] / 1000:.1f} kWh, unexplained {result['residual_share']:.1e} of it")
    for name in ("self_consumption", "autarky"):
        rate = result[name]
        print(f"{name.replace('_', '-')} {'-' if rate is None else f'{100 * rate:.1f} %'}")
    print(f"report: {index}")

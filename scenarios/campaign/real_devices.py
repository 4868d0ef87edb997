"""Tells the stories of a bench: of each real device behind its guard, and of its emulator beside it.

What was seen of a real device has the evidence `device`, with place, serial number, firmware and date; what was seen of
an emulated one that of its family file. Both stand under the same story.
"""

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from controller.compatibility.levels import LEVELS, Level
from controller.compatibility.rows import row, rows
from controller.errors import ConfigurationError, HemError
from emulators.family.profile import profile_for
from rigs.bench.benchfile import Bench, PlaceSettings
from rigs.bench.envelope import EnvelopeViolation
from rigs.bench.guarded import Heard
from rigs.bench.places import RealPlace
from rigs.bench.proxy import Proxy, proxy_for
from rigs.bench.runner import NotRestored, Running
from rigs.sites import wiring_of
from scenarios.bench.bench import Bench as Emulated
from scenarios.bench.record import NotApplicable, Record
from scenarios.bench.story import Story
from scenarios.bench.subject import EmulatedSubject, RealSubject
from scenarios.campaign.cases import Case, Outcome
from scenarios.campaign.every import PLACED, texts
from scenarios.campaign.results import document
from scenarios.campaign.selection import Selection
from scenarios.kinds.kind import kind_of

DEVICE = "device"  # evidence class
COMMANDING, ON_THE_LINE = ("commands", "silence"), ("faults", "silence")  # what a story does to a real device
Progress = Callable[[str], None]


@dataclass
class Stood:
    """An outcome and whose it is. `found`: serial number and firmware of a real device, empty for an emulated one."""

    outcome: Outcome
    place: str
    found: dict[str, str]


async def tell(
    bench: Bench, stories: tuple[str, ...] = (), *, heard: Callable[[str], Heard | None] = lambda name: None,
    say: Progress = lambda line: None, firmware: str = "", lost: float = 60.0,
) -> dict[str, Any]:  # fmt: skip
    """results.json of a bench. `stories`: ids, all without; `firmware`: the HEM's level, its newest without."""
    if unknown := set(stories) - {each.id for each in PLACED}:
        known = ", ".join(each.id for each in PLACED)
        raise ConfigurationError(f"unknown {sorted(unknown)[0]!r}, known are {known}", key="scenario")
    told = [each for each in PLACED if not stories or each.id in stories]
    started, found = time.time(), []
    async with Running(bench, heard=heard, say=say, lost=lost) as running:
        for settings in bench.place:
            for story in told:
                if not story.offered(settings.row, kind_of(row(settings.row).section), settings.protocol):
                    continue
                if settings.real:
                    found.append(await _real(running, settings, story))
                    say(_line(found[-1]))
                found.append(_emulated(settings, story))
                if not settings.real:
                    say(_line(found[-1]))
    return _document(bench, found, [each.id for each in told], started, firmware)


def _line(stood: Stood) -> str:
    outcome = stood.outcome
    return f"{outcome.verdict:<14} {stood.place}: {outcome.case.story}: {outcome.detail}"


def _case(settings: PlaceSettings, story: Story, *, real: bool) -> Case:
    place = settings.name if real else ""
    return Case(settings.row, settings.protocol, settings.model or "", story.id, place)


async def _real(running: Running, settings: PlaceSettings, story: Story) -> Stood:
    """One story of one real device; whatever came of it, the device is as it was afterwards."""
    began, record = time.perf_counter(), Record()
    why_not = _unasked(settings, story)
    case = _case(settings, story, real=True)
    if why_not:
        return Stood(Outcome(case, "not applicable", DEVICE, why_not), settings.name, _identity(None, settings))
    proxy: Proxy | None = None
    place = running.place(settings.name)
    verdict, detail = "", ""
    start = place.clock.monotonic()
    try:
        if story.real in ON_THE_LINE:
            await running.closed(settings.name)
            wiring = wiring_of(settings.as_device)
            proxy = proxy_for(settings.protocol, wiring)
            place = running.place(settings.name, await proxy.start(wiring))
        await place.identify()
        meter = running.place(settings.wired) if settings.wired else None
        subject = RealSubject(place, record, meter, proxy, running.bench.bench.waits)
        await (story.placed or story.tell)(subject)
    except NotApplicable as no:
        verdict, detail = "not applicable", str(no)
    except EnvelopeViolation as violation:
        record.check("the envelope is kept", False, "no violation", violation)
    except HemError as error:
        record.check("no unexpected error", False, "none", f"{type(error).__name__}: {error}")
    finally:
        if proxy is not None:
            await running.closed(settings.name)
            await proxy.close()
    identity = _identity(place, settings)
    await _left_as_found(running, settings, record, story)
    if place.guard.violations:  # this story is over
        await running.closed(settings.name)
    seconds = time.perf_counter() - began
    if verdict and all(check.held for check in record.checks):
        return Stood(Outcome(case, "not applicable", DEVICE, detail), settings.name, identity)
    outcome = Outcome(case, record.verdict, DEVICE, record.detail, record.plain(start), seconds)
    return Stood(outcome, settings.name, identity)


async def _left_as_found(running: Running, settings: PlaceSettings, record: Record, story: Story) -> None:
    """Put back what the story has written, and note that it is."""
    if not running.journal.entries:
        return
    try:
        await running.put_back()
    except NotRestored as no:
        record.check("everything is as it was", False, "restored", no)
        raise
    if story.real in COMMANDING:
        record.check("everything is as it was", True, "restored", "read back")


def _unasked(settings: PlaceSettings, story: Story) -> str:
    if story.real in COMMANDING and settings.envelope is None:
        return "the bench file has no envelope: this place is only read"
    wiring = wiring_of(settings.as_device)
    if story.real in ON_THE_LINE and not (wiring.device or settings.protocol in ("modbus-tcp", "tcp")):
        return f"no proxy can be put on {settings.protocol}"
    return ""


def _identity(place: RealPlace | None, settings: PlaceSettings) -> dict[str, str]:
    found = place.identity if place is not None else None
    return {
        "serial": found.serial if found is not None else settings.serial,
        "firmware": found.firmware if found is not None else settings.firmware,
        "date": datetime.now(UTC).date().isoformat(),
    }


def _emulated(settings: PlaceSettings, story: Story) -> Stood:
    """The same story of the place's emulator, in virtual time."""
    began, case = time.perf_counter(), _case(settings, story, real=False)
    family = profile_for(settings.row, settings.protocol)
    evidence = family.evidence if family is not None else "none"
    bench = Emulated(
        settings.row, settings.protocol, settings.model, unit=settings.unit, options=dict(settings.options)
    )  # fmt: skip
    try:
        bench.tell(partial(_told, story))
    except NotApplicable as no:
        return Stood(Outcome(case, "not applicable", evidence, str(no)), settings.name, {})
    except HemError as error:
        bench.record.check("no unexpected error", False, "none", f"{type(error).__name__}: {error}")
    record = bench.record
    seconds = time.perf_counter() - began
    return Stood(
        Outcome(case, record.verdict, evidence, record.detail, record.plain(bench.start), seconds), settings.name, {}
    )


async def _told(story: Story, bench: Emulated) -> None:
    if story.placed is None:
        await story.tell(EmulatedSubject(bench))
        return
    if why := story.applies(bench):
        raise NotApplicable(why)
    await story.tell(bench)


def _document(
    bench: Bench, found: list[Stood], stories: list[str], started: float, firmware: str
) -> dict[str, Any]:  # fmt: skip
    wanted = {each.row for each in bench.place}
    levels = (Level.parse(firmware) if firmware else LEVELS[-1],)
    protocols = tuple(dict.fromkeys(each.protocol for each in bench.place))
    selection = Selection(tuple(each for each in rows() if each.row in wanted), levels, protocols, tuple(stories))
    once: dict[str, Stood] = {}
    for each in found:  # two places with one model are emulated once
        once.setdefault(each.outcome.case.id, each)
    host = {"python": platform.python_version(), "machine": platform.machine(), "engine": "bench"}
    about = {"started": started, "seconds": time.time() - started, "host": host}
    data = document(selection, [each.outcome for each in once.values()], about)
    data["stories"] = texts(PLACED)
    data["bench"] = {
        "name": bench.bench.name,
        "places": [
            {"name": each.name, "row": each.row, "protocol": each.protocol, "model": each.model, "device": each.device}
            for each in bench.place
        ],
    }
    for entry in data["results"]:
        if (stood := once.get(entry["case"])) is not None:
            entry.update({"place": stood.place, **stood.found} if stood.found else {})
    return data

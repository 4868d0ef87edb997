"""Tells the stories of a controller that is not ours, and gathers the verdicts in a results.json of its own.

The house rests on the evidence of its emulators, the weakest of them.
"""

import asyncio
import platform
import time
from collections.abc import Callable
from typing import Any

from controller.compatibility.levels import LEVELS
from controller.compatibility.rows import rows
from controller.errors import ConfigurationError
from emulators.family.profile import profile_for
from scenarios.bench.record import Record
from scenarios.blackbox.adapter import Adapter
from scenarios.blackbox.house import House, NotReady, check_installed
from scenarios.blackbox.stories import STORIES, BlackBoxStory, lacking
from scenarios.campaign.cases import Case, Outcome
from scenarios.campaign.results import document
from scenarios.campaign.selection import Selection

WORTH = ("assumed", "clients", "document", "capture")  # the weakest first


async def judge(
    adapter: Adapter, stories: tuple[str, ...] = (), say: Callable[[str], None] = lambda line: None, jobs: int = 1
) -> dict[str, Any]:
    """results.json of a controller. `stories`: ids, all without; `jobs`: so many are told beside each other.

    ConfigurationError for a story that is not known, and for a program that is not installed.
    """
    if unknown := set(stories) - {each.id for each in STORIES}:
        known = ", ".join(each.id for each in STORIES)
        raise ConfigurationError(f"unknown {sorted(unknown)[0]!r}, known are {known}", key="scenario")
    check_installed(adapter)
    told = [each for each in STORIES if not stories or each.id in stories]
    started, free = time.time(), asyncio.Semaphore(jobs)

    async def one(story: BlackBoxStory) -> Outcome:
        async with free:
            outcome = await _told(adapter, story)
        say(f"{outcome.verdict:<14} {adapter.name}: {story.id}: {outcome.detail}")
        return outcome

    found = await asyncio.gather(*map(one, told))
    return _document(adapter, told, found, started)


async def _told(adapter: Adapter, story: BlackBoxStory) -> Outcome:
    pv = adapter.house["pv"]
    case = Case(pv.row, pv.protocol, pv.model or "", story.id)
    if why := lacking(adapter, story):
        return Outcome(case, "not applicable", _evidence(adapter), why)
    began, record = time.perf_counter(), Record()
    roles = {role: standing for role, standing in adapter.house.items() if role != story.without}
    house = House(adapter.model_copy(update={"house": roles}), mode=story.mode)
    try:
        async with house:
            await story.tell(house, record)
            last = f"ended, last {house.said[-1]!r}" if house.said else "ended"
            record.check(
                "the controller runs to the end", house.running, "running", "running" if house.running else last
            )
    except NotReady as no:
        record.check("the controller starts", False, "its sign", no.expectation)
    seconds = time.perf_counter() - began
    return Outcome(case, record.verdict, _evidence(adapter), record.detail, record.plain(0.0), seconds)


def _evidence(adapter: Adapter) -> str:
    families = [profile_for(each.row, each.protocol) for each in adapter.house.values()]
    return min((each.evidence for each in families if each is not None), key=WORTH.index)


def _document(
    adapter: Adapter, told: list[BlackBoxStory], found: list[Outcome], started: float
) -> dict[str, Any]:  # fmt: skip
    pv = adapter.house["pv"]
    wanted = tuple(each for each in rows() if each.row == pv.row)
    selection = Selection(wanted, (LEVELS[-1],), (pv.protocol,), tuple(each.id for each in told))
    host = {"python": platform.python_version(), "machine": platform.machine(), "engine": "black box"}
    about = {"started": started, "seconds": time.time() - started, "host": host}
    data = document(selection, found, about)
    data["controller"] = {"name": adapter.name, "version": adapter.version or "not told"}
    data["stories"] = [
        {
            "id": each.id, "asks": each.asks, "why": each.why, "oracle": each.oracle, "every_model": False,
            "fault": False,
        }
        for each in told
    ]  # fmt: skip
    return data

"""The API of one house: what its devices do and why, what was, what is planned, what was asked from outside."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from controller.errors import ConfigurationError, StoreError
from controller.service import balance, plain
from controller.service.access import Who
from controller.service.accounts import Body, Plain
from controller.service.answered import done
from controller.service.audited import Audit, noted
from controller.service.by_hand import ask
from controller.service.exchange import Exchange
from controller.service.exported import TYPES, Format, Grain, exported
from controller.service.figures import HOUSE, unit
from controller.service.guard import Guard
from controller.service.history import History
from controller.service.live import MOST, Live
from controller.service.planned import plan
from controller.service.recorder import Recorder
from controller.service.setting import Setting
from controller.service.shadow import Shadow
from controller.service.snapshot import Snapshot
from controller.sitefile import Site
from controller.store import Store

POINTS = 40_000  # a year of quarter-hours
Instant = Annotated[float, Query(ge=0, le=4e9, description="s since 1970, UTC", allow_inf_nan=False)]
Before = Annotated[int | None, Query(ge=0, le=1 << 60, description="numbers below this one")]
Limit = Annotated[int, Query(ge=1, le=1000)]
Step = Annotated[int, Query(ge=10, le=31 * 86_400, description="s")]


class Asked(Body):
    """`value` in W or A. `seconds`: how long it holds, without end when None."""

    command: Literal["limit_power", "charge", "discharge", "limit_current", "pause", "set_power", "release"]
    value: Annotated[float | None, Field(allow_inf_nan=False)] = None
    seconds: Annotated[float | None, Field(gt=0, le=7 * 86_400, allow_inf_nan=False)] = None


@dataclass(frozen=True)
class House:
    """What the API speaks of. `evidence` opens the store that the controller writes, to read it.

    `shadow`: a second controller that looks on, None without.
    """

    site: Site
    explained: Mapping[str, Any]
    exchange: Exchange
    recorder: Recorder
    setting: Setting
    evidence: Callable[[], Store]
    shadow: Shadow | None = None

    @property
    def snapshot(self) -> Snapshot:
        if self.exchange.latest is None:
            raise HTTPException(503, "the controller is starting")
        return self.exchange.latest

    @property
    def history(self) -> History:
        if self.recorder.history is None:
            raise HTTPException(503, f"no history just now: {self.recorder.problem or 'it is starting'}")
        return self.recorder.history


def router(house: House, guard: Guard, live: Live, audit: Audit) -> APIRouter:
    """Below /api/v1."""
    api = APIRouter(dependencies=[Depends(guard.needs("read"))], responses={401: {}, 403: {}, 503: {}})
    operator, installer = Depends(guard.needs("operate")), Depends(guard.needs("install"))

    @api.get("/site")
    def site() -> Plain:
        """The installation as the controller resolves it: who controls what by which rule, and what is missing."""
        history = house.recorder.history
        zone = house.site.site.time_zone
        return {**house.explained, "time_zone": zone, "history": history.size if history else house.recorder.problem}

    @api.get("/devices")
    def devices() -> list[Plain]:
        """Each device with its reading, what is asked of it and why."""
        return [plain.device(each) for each in house.snapshot.devices.values()]

    @api.get("/devices/{name}", responses={404: {}})
    def device(name: str) -> Plain:
        """One device, with the units of what it tells."""
        found = house.snapshot.devices.get(name)
        if found is None:
            raise HTTPException(404, f"no device {name!r}, there are {', '.join(house.snapshot.devices)}")
        return {**plain.device(found), "units": plain.units(found)}

    @api.post("/devices/{name}/ask", responses={404: {}, 409: {}, 429: {}})
    def asked(name: str, body: Asked, who: Who = operator) -> Plain:
        """Ask something of a device by hand; `release` takes back all that was asked of it."""
        found = house.snapshot.devices.get(name)
        if found is None:
            raise HTTPException(404, f"no device {name!r}")
        if body.command not in found.can:
            raise HTTPException(422, f"{name} can {', '.join(sorted(found.can)) or 'not be controlled'}")
        if (body.value is None) != (body.command in ("pause", "release")) or (body.value or 0.0) < 0:
            raise HTTPException(422, f"{body.command}: a value of at least 0, except for pause and release")
        wish = partial(ask, name, body.command, body.value, body.seconds, who.name)
        with noted(audit, who.name, f"{name}: {json.dumps(body.model_dump())}"):
            done(house.exchange, wish)
        return {"asked": body.command}

    @api.get("/readings")
    def readings() -> Plain:
        """All that counts now, by device, and what flows through the house."""
        shown = house.snapshot
        told = {each.name: plain.reading(each) for each in shown.devices.values()}
        return {"time": shown.time, "house": plain.house(shown), "devices": told}

    @api.get("/live")
    async def stream() -> StreamingResponse:
        """Live values as server-sent events: the whole house first, then what changes."""
        if live.viewers >= MOST:
            raise HTTPException(503, f"{MOST} watch already", {"Retry-After": "10"})
        return StreamingResponse(live.stream(), media_type="text/event-stream")

    @api.get("/series")
    def series() -> list[Plain]:
        """What history keeps; the house itself is the device without a name."""
        return [{"device": name, "quantity": each, "unit": unit(name, each)} for name, each in house.history.series]

    @api.get("/history")
    def history(quantity: str, begin: Instant, end: Instant, step: Step = 900, device: str = HOUSE) -> Plain:
        """What is known of a quantity: [begin of a slot, value]. Steps of 10 s two days, 60 s three months, 900 s ten
        years back."""
        points = _points(house.history, device, quantity, begin, end, step)
        return {"unit": unit(device, quantity), "step": step, "points": [[at, plain.tidy(v)] for at, v in points]}

    @api.get("/history.csv")
    def history_csv(
        quantity: str, begin: Instant, end: Instant, step: Step = 900, device: str = HOUSE
    ) -> StreamingResponse:
        """The same for a spreadsheet."""
        points = _points(house.history, device, quantity, begin, end, step)
        zone = house.site.site.time_zone
        head = ("begin", f"{quantity} {unit(device, quantity)}".strip())
        rows = ((_local(at, zone), repr(plain.tidy(value))) for at, value in points)
        return _csv(f"{device or 'house'}-{quantity}.csv", head, rows)

    @api.get("/history/export", responses={501: {}})
    def export(begin: Instant, end: Instant, grain: Grain = "15min", format: Format = "csv") -> StreamingResponse:
        """All series of a grain, a row a value, in the order of time. Times are UTC."""
        try:
            pieces = exported(house.history.read, format, grain, begin, end)
        except ConfigurationError as error:
            raise HTTPException(501, str(error)) from error
        headers = {"content-disposition": f'attachment; filename="history-{grain}.{format}"'}
        return StreamingResponse(pieces, media_type=TYPES[format], headers=headers)

    @api.get("/balance")
    def balanced(period: balance.Period, day: date) -> Plain:
        """Energy and cost of the day, month or year in which a local day lies."""
        if not 2000 <= day.year < 2100:
            raise HTTPException(422, "a day from 2000 to 2099")
        return balance.balance(house.history, period, day, house.site.site.time_zone)

    @api.get("/plan")
    def planned() -> Plain:
        """Prices of the next 36 hours and when who would take power at them."""
        return plan(house.snapshot.site or house.site, house.snapshot)

    @api.get("/setpoints")
    def setpoints(device: str = "", before: Before = None, limit: Limit = 100) -> Plain:
        """What is asked of devices now, and what was, the newest first, each with its chain of reasons."""
        now = {
            each.name: {aspect: plain.setpoint(given) for aspect, given in each.wanted.items()}
            for each in house.snapshot.devices.values()
            if each.wanted and device in ("", each.name)
        }
        return {"now": now, "past": house.history.setpoints(before, limit, device)}

    @api.get("/events")
    def events(device: str = "", before: Before = None, limit: Limit = 100) -> list[Plain]:
        """What has happened, the newest first."""
        return house.history.events(before, limit, device)

    @api.get("/signals")
    def signals() -> list[Plain]:
        """What is asked of the house from outside now."""
        return [plain.signal(each) for each in house.snapshot.signals]

    @api.get("/evidence")
    def evidence(after: Annotated[int, Query(ge=0, le=1 << 60)] = 0, limit: Limit = 1000) -> Plain:
        """What was asked from outside and what the grid meter showed, chained by hashes; whether the chain holds."""
        with _opened(house.evidence) as store:
            records = [
                {"number": each.number, **asdict(each.evidence), "hash": each.hash}
                for each in store.evidence_since(after)
            ]
            broken = store.verify()
        return {
            "records": records[:limit], "more": len(records) > limit,
            "broken": None if broken is None else {"number": broken.number, "what": broken.what},
        }  # fmt: skip

    @api.get("/evidence.csv")
    def evidence_csv() -> StreamingResponse:
        """All of it for the grid operator."""
        zone = house.site.site.time_zone
        with _opened(house.evidence) as store:
            records = store.evidence_since(0)
        head = ("number", "who", "what", "value", "unit", "from", "until", "measured W", "reason", "hash")
        rows = (
            (each.number, told.who, told.what, told.value, told.unit, _local(told.from_time, zone),
             "" if told.until_time is None else _local(told.until_time, zone), told.measured, told.reason, each.hash)
            for each in records
            for told in (each.evidence,)
        )  # fmt: skip
        return _csv("evidence.csv", head, rows)

    @api.get("/shadow", responses={404: {}})
    def shadowed() -> Plain:
        """Where a second controller that looks on would ask something else of a device, for how long, and why."""
        if house.shadow is None:
            raise HTTPException(404, "no second controller looks on: hem serve --shadow OTHER.toml")
        return house.shadow.data

    @api.get("/audit")
    def audits(before: Before = None, limit: Limit = 100, who: Who = installer) -> list[Plain]:
        """Who changed what, the newest first."""
        return house.history.audits(before, limit)

    return api


class _opened:
    """A store for as long as it is read; 503 when it cannot be."""

    def __init__(self, opens: Callable[[], Store]) -> None:
        self._opens = opens

    def __enter__(self) -> Store:
        try:
            self._store = self._opens()
        except StoreError as error:
            raise HTTPException(503, str(error)) from error
        return self._store

    def __exit__(self, *error: object) -> None:
        self._store.close()


def _points(
    history: History, device: str, quantity: str, begin: float, end: float, step: int
) -> list[tuple[int, float]]:
    if end - begin > step * POINTS:
        raise HTTPException(422, f"at most {POINTS} points: a longer step")
    return history.points(device, quantity, begin, end, step)


def _local(at: float, zone: str) -> str:
    return datetime.fromtimestamp(at, ZoneInfo(zone)).isoformat(" ", "seconds")


def _csv(name: str, head: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> StreamingResponse:
    def lines() -> Iterator[str]:
        for row in (head, *rows):
            line = io.StringIO()
            csv.writer(line).writerow(_harmless(each) for each in row)
            yield line.getvalue()

    told = "".join(each if each.isascii() and (each.isalnum() or each in "-_.") else "_" for each in name)
    return StreamingResponse(
        lines(), media_type="text/csv; charset=utf-8", headers={"content-disposition": f'attachment; filename="{told}"'}
    )


def _harmless(cell: object) -> object:
    """A text that a spreadsheet would take for a formula is none."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+@\t\r" else cell

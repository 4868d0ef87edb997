"""Set-up over HTTP: who answers on the house's networks and lines, and the site file with them in it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Depends, HTTPException
from pydantic import Field

from controller.errors import ConfigurationError
from controller.service.access import Who
from controller.service.accounts import Body, Plain
from controller.service.audited import Audit, noted
from controller.service.exchange import Busy
from controller.service.guard import Guard

Where = Annotated[str, Field(min_length=1, max_length=100)]


class Finder(Protocol):
    """Who looks for devices; ConfigurationError when that cannot be done like this, Busy when it is done already."""

    def begin(self, where: Sequence[str], network: bool) -> None: ...

    def told(self) -> Plain: ...

    def draft(self, chosen: Sequence[Mapping[str, Any]]) -> Plain: ...

    def write(self, chosen: Sequence[Mapping[str, Any]]) -> Plain: ...


class Wanted(Body):
    """`where`: HOST, HOST:PORT, NETWORK/24 or a serial device. `network`: also who tells of himself by multicast."""

    where: Annotated[list[Where], Field(max_length=16, default_factory=list)]
    network: bool = False


class Chosen(Body):
    """One that was found, by its number; another row or function where that cannot be told from outside."""

    number: Annotated[int, Field(ge=0, le=1000)]
    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
    row: int | None = None
    function: Literal["meter", "grid-meter"] | None = None


class Those(Body):
    devices: Annotated[list[Chosen], Field(min_length=1, max_length=100)]


@contextmanager
def refused() -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        raise HTTPException(422, str(error)) from error
    except Busy as error:
        raise HTTPException(409, str(error)) from error


def router(finder: Finder, guard: Guard, audit: Audit) -> APIRouter:
    """Below /api/v1."""
    api = APIRouter(responses={401: {}, 403: {}})
    installer = Depends(guard.needs("install"))

    @api.get("/find", dependencies=[installer])
    def told() -> Plain:
        """Who has been found by the last search, why the list or the level refuse one, and whether it still runs."""
        return finder.told()

    @api.post("/find", responses={409: {}})
    def begin(body: Wanted, who: Who = installer) -> Plain:
        """Begin a search: it reads only, in bounds of addresses and time."""
        with refused(), noted(audit, who.name, f"looks for devices: {', '.join(body.where) or 'the network'}"):
            finder.begin(body.where, body.network)
        return finder.told()

    @api.post("/find/draft", dependencies=[installer])
    def draft(body: Those) -> Plain:
        """The site file with these devices, checked; nothing is written."""
        with refused():
            return finder.draft([each.model_dump() for each in body.devices])

    @api.post("/find/write")
    def write(body: Those, who: Who = installer) -> Plain:
        """Write them into the site file; it counts from the next start."""
        chosen = [each.model_dump() for each in body.devices]
        with refused():
            finder.draft(chosen)
            with noted(audit, who.name, f"site file: {', '.join(each.name for each in body.devices)}"):
                return finder.write(chosen)

    return api

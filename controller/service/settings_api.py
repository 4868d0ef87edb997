"""Settings over HTTP: what can be changed without a restart, tried as a draft, applied, and taken back."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import Field

from controller.changes import PARTS, USERS, kept, users
from controller.errors import ConfigurationError
from controller.service.access import Who
from controller.service.accounts import Body, Plain
from controller.service.answered import done
from controller.service.audited import Audit, noted
from controller.service.exchange import Exchange
from controller.service.guard import Guard
from controller.service.setting import Setting
from controller.sitefile import Site

Path = Annotated[str, Field(max_length=200)]
Wanted = Annotated[dict[Path, bool | int | float | Annotated[str, Field(max_length=100)] | None], Field(max_length=50)]


class Draft(Body):
    """Values by path, such as `device.wallbox.charging.mode`; null takes a change back."""

    changes: Wanted


def router(setting: Setting, exchange: Exchange, guard: Guard, audit: Audit) -> APIRouter:
    """Below /api/v1."""
    api = APIRouter(responses={401: {}, 403: {}, 503: {}})
    reader, operator = Depends(guard.needs("read")), Depends(guard.needs("operate"))
    installer = Depends(guard.needs("install"))

    loop = partial(done, exchange)

    @api.get("/settings", dependencies=[reader])
    def settings() -> Plain:
        """What can be changed, as it is now; which of it differs from the site file, and what held before."""
        standing = loop(lambda hem: kept(hem.store))
        site = exchange.latest.site if exchange.latest else None
        return {**standing, "values": values(site or setting.file)}

    @api.post("/settings/draft")
    def draft(body: Draft, who: Who = operator) -> Plain:
        """Check changes as the site file is checked; nothing changes."""
        allowed(who, body.changes)
        standing = loop(lambda hem: kept(hem.store))
        try:
            found, _ = setting.draft(standing["now"], body.changes)
        except ConfigurationError as error:
            raise HTTPException(422, str(error)) from error
        return {"changes": found}

    @api.post("/settings/apply")
    def apply(body: Draft, who: Who = operator) -> Plain:
        """Let changes hold at once. They are taken back when the controller fares worse in the next five minutes."""
        allowed(who, body.changes)
        draft(body, who)
        with noted(audit, who.name, f"settings: {body.changes}"):
            return {"changes": loop(partial(setting.apply, body.changes, who.name))}

    @api.post("/settings/rollback", responses={409: {}})
    def rollback(who: Who = installer) -> Plain:
        """What held before the last change."""
        with noted(audit, who.name, "settings: as before"):
            return {"changes": loop(partial(setting.rollback, who.name))}

    return api


def allowed(who: Who, changes: Wanted) -> None:
    """403 when somebody changes what only an installer may."""
    if not who.may("install") and (beyond := [path for path in changes if not users(path)]):
        raise HTTPException(403, f"{beyond[0]}: an installer may change it")


def values(site: Site) -> Plain:
    """What can be changed, by path."""
    found: Plain = {}
    for device in site.device:
        for part in USERS:
            if part == {"charger": "charging", "heater": "heating", "battery": "battery"}.get(device.function or ""):
                told = getattr(device, part).model_dump(mode="json")
                found |= {f"device.{device.name}.{part}.{key}": value for key, value in told.items()}
    for head in ("site", "grid"):
        found |= {f"{head}.{key}": getattr(getattr(site, head), key) for key in PARTS[head]}
    return found

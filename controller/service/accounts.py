"""Set-up, sessions, users and tokens over HTTP. Every change that can be made is in the audit log before it is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from controller.service.access import KINDS, SESSION, Denied, Kind, Role, Who
from controller.service.audited import Audit, noted
from controller.service.guard import COOKIE, Guard, from_here

Plain = dict[str, Any]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Secret = Annotated[str, Field(min_length=1, max_length=1000)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SetUp(Body):
    code: Annotated[str, Field(max_length=40)]
    name: Name
    password: Secret


class Login(Body):
    name: Name
    password: Secret


class User(Body):
    role: Role
    password: Secret


class Token(Body):
    name: Name
    role: Role


@contextmanager
def refused() -> Iterator[None]:
    """What cannot be, as an answer."""
    try:
        yield
    except Denied as error:
        raise HTTPException(403, str(error)) from error
    except KeyError as error:
        raise HTTPException(404, f"nobody is called {error.args[0]!r}") from error
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


def router(guard: Guard, audit: Audit) -> APIRouter:
    """Below /api/v1."""
    api, access = APIRouter(), guard.access
    installer, reader = Depends(guard.needs("install")), Depends(guard.needs("read"))

    def begin(response: Response, name: str, password: str) -> Plain:
        secret = access.login(name, password, time.time())
        response.set_cookie(COOKIE, secret, int(SESSION), httponly=True, samesite="strict", secure=guard.secure)
        return {"name": name, "role": access.names("users")[name]}

    @api.post("/setup", responses={403: {}, 422: {}, 429: {}})
    def set_up(body: SetUp, request: Request, response: Response) -> Plain:
        """Make the first user with the code that was told at the start, and begin a session."""
        guard.guess(request)
        from_here(request)
        with refused():
            noting = noted(audit, body.name, "set the site up, may install")
            access.set_up(body.code, body.name, body.password, noting)
            return begin(response, body.name, body.password)

    @api.post("/login", responses={403: {}, 429: {}})
    def login(body: Login, request: Request, response: Response) -> Plain:
        """Begin a session: the answer sets a cookie."""
        guard.guess(request)
        from_here(request)
        with refused():
            return begin(response, body.name, body.password)

    @api.post("/logout", responses={401: {}, 403: {}})
    def logout(request: Request, response: Response, who: Who = reader) -> Plain:
        """End the session."""
        access.logout(request.cookies.get(COOKIE, ""))
        response.delete_cookie(COOKIE)
        return {}

    @api.get("/me")
    def me(request: Request) -> Plain:
        """Who asks; without a credential only whether the site has been set up."""
        who = guard.who(request)
        return {"name": who.name if who else None, "role": who.role if who else None, "set_up": not access.code}

    @api.get("/users", responses={401: {}, 403: {}})
    def users(who: Who = installer) -> Plain:
        """Names and roles of people and of programs' tokens."""
        return {kind: access.names(kind) for kind in KINDS}

    @api.put("/users/{name}", responses={401: {}, 403: {}})
    def put_user(name: Name, body: User, who: Who = installer) -> Plain:
        """Make a user, or give him another role and password; his sessions end."""
        with refused():
            access.add(name, body.role, body.password, noted(audit, who.name, f"user {name} may {body.role}"))
        return {"name": name, "role": body.role}

    @api.post("/tokens", responses={401: {}, 403: {}})
    def new_token(body: Token, who: Who = installer) -> Plain:
        """A token for a program; it is told only here."""
        with refused():
            noting = noted(audit, who.name, f"token {body.name} may {body.role}")
            return {"name": body.name, "role": body.role, "token": access.new_token(body.name, body.role, noting)}

    @api.delete("/{kind}/{name}", responses={401: {}, 403: {}, 404: {}})
    def remove(kind: Kind, name: Name, who: Who = installer) -> Plain:
        """A user, whose sessions end, or a token: it counts no more at once."""
        with refused():
            access.remove(kind, name, noted(audit, who.name, f"{KINDS[kind]} {name} is removed"))
        return {}

    return api

"""Set-up, sessions, users and tokens over HTTP. Every change is in the audit log before it is made."""

import time
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from controller.service.access import SESSION, Denied, Role, Who
from controller.service.guard import COOKIE, Guard, from_here

Plain = dict[str, Any]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Secret = Annotated[str, Field(min_length=1, max_length=1000)]
Audit = Callable[[str, str], None]
"""Who does what; when it returns it is on the disk."""


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


def router(guard: Guard, audit: Audit) -> APIRouter:
    """Below /api/v1."""
    api, access = APIRouter(), guard.access
    installer, reader = Depends(guard.needs("install")), Depends(guard.needs("read"))

    def begin(response: Response, name: str, password: str) -> Plain:
        secret = access.login(name, password, time.time())
        response.set_cookie(COOKIE, secret, int(SESSION), httponly=True, samesite="strict", secure=guard.secure)
        return {"name": name, "role": access.users()[name]}

    @api.post("/setup", responses={403: {}, 422: {}, 429: {}})
    def set_up(body: SetUp, request: Request, response: Response) -> Plain:
        """Make the first user with the code that was told at the start, and begin a session."""
        guard.guess(request)
        from_here(request)
        try:
            access.set_up(body.code, body.name, body.password)
            audit(body.name, "set the site up, may install")
            return begin(response, body.name, body.password)
        except Denied as error:
            raise HTTPException(403, str(error)) from error
        except ValueError as error:
            raise HTTPException(422, str(error)) from error

    @api.post("/login", responses={403: {}, 429: {}})
    def login(body: Login, request: Request, response: Response) -> Plain:
        """Begin a session: the answer sets a cookie."""
        guard.guess(request)
        from_here(request)
        try:
            return begin(response, body.name, body.password)
        except Denied as error:
            raise HTTPException(403, str(error)) from error

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
        return {"users": access.users(), "tokens": access.tokens()}

    @api.put("/users/{name}", responses={401: {}, 403: {}})
    def put_user(name: Name, body: User, who: Who = installer) -> Plain:
        """Make a user, or give him another role and password; his sessions end."""
        roles = {**access.users(), name: body.role}
        if "install" not in roles.values():
            raise HTTPException(422, "the last one who may install stays")
        audit(who.name, f"user {name} may {body.role}")
        try:
            access.add(name, body.role, body.password)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return {"name": name, "role": body.role}

    @api.delete("/users/{name}", responses={401: {}, 403: {}, 404: {}})
    def remove_user(name: Name, who: Who = installer) -> Plain:
        """His sessions end at once."""
        audit(who.name, f"user {name} is removed")
        try:
            access.remove(name)
        except KeyError as error:
            raise HTTPException(404, f"no user {name!r}") from error
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return {}

    @api.post("/tokens", responses={401: {}, 403: {}})
    def new_token(body: Token, who: Who = installer) -> Plain:
        """A token for a program; it is told only here."""
        audit(who.name, f"token {body.name} may {body.role}")
        try:
            return {"name": body.name, "role": body.role, "token": access.new_token(body.name, body.role)}
        except ValueError as error:
            raise HTTPException(422, str(error)) from error

    @api.delete("/tokens/{name}", responses={401: {}, 403: {}, 404: {}})
    def remove_token(name: Name, who: Who = installer) -> Plain:
        """It counts no more at once."""
        audit(who.name, f"token {name} is removed")
        try:
            access.remove_token(name)
        except KeyError as error:
            raise HTTPException(404, f"no token {name!r}") from error
        return {}

    return api

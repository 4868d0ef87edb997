"""At the door: who asks, how often, from where, and what a browser may do with our answers."""

import base64
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

from controller.service.access import Access, Role, Who

COOKIE = "hem_session"
SAFE = ("GET", "HEAD", "OPTIONS")
LARGEST = 64 << 10  # bytes of a request
KNOWN = 2000  # addresses and credentials that are remembered
POLICY = (
    "default-src 'none'; script-src 'self'{script}; style-src 'self'{style}; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY.format(script="", style=""), "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer", "x-frame-options": "DENY", "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin", "cache-control": "no-store",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}  # fmt: skip

App = Callable[..., Awaitable[None]]


class Rate:
    """At most `burst` at once and one every `seconds` after that, for each of those who ask."""

    def __init__(self, burst: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._seconds, self._clock = burst, seconds, clock
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def wait(self, who: str) -> float:
        """s until this one may ask again, 0 when he may now; then it is counted."""
        now = self._clock()
        at = max(self._free_at.pop(who, 0.0), now)
        late = at + self._seconds - now - self._burst * self._seconds
        self._free_at[who] = at if late > 1e-9 else at + self._seconds
        while len(self._free_at) > KNOWN:
            self._free_at.popitem(last=False)
        return max(late, 0.0) if late > 1e-9 else 0.0


class Guard:
    """Knows who asks. `guesses`: of passwords and codes, by address; `calls`: of everything, by credential."""

    def __init__(self, access: Access, *, secure: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self.access, self.secure = access, secure
        self.guesses = Rate(5, 12.0, clock)
        self.everybody = Rate(30, 6.0, clock)  # guesses from all addresses together
        self.calls = Rate(200, 0.02, clock)

    def guess(self, request: Request) -> None:
        """One more attempt at a password or code; 429 when there were too many."""
        wait = max(self.guesses.wait(address(request)), self.everybody.wait(""))
        if wait:
            raise HTTPException(429, "too many attempts", {"Retry-After": str(int(wait) + 1)})

    def who(self, request: Request) -> Who | None:
        """By token or by session."""
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self.access.token(secret.strip())
        cookie = request.cookies.get(COOKIE, "")
        return self.access.session(cookie, time.time()) if cookie else None

    def needs(self, role: Role) -> Callable[[Request], Who]:
        """What a route depends on: somebody who may do this."""

        def somebody(request: Request) -> Who:
            found = self.who(request)
            if found is None:
                raise HTTPException(401, "a session or a token is needed", {"WWW-Authenticate": "Bearer"})
            if wait := self.calls.wait(found.name):
                raise HTTPException(429, "asked too often", {"Retry-After": str(int(wait) + 1)})
            if found.session:
                from_here(request)
            if not found.may(role):
                raise HTTPException(403, f"{found.name} may {found.role}, this needs {role}")
            return found

        return somebody


def from_here(request: Request) -> None:
    """403 when a page of somebody else makes a browser change something (CSRF): the origin has to be our own."""
    if request.method in SAFE:
        return
    origin, host = request.headers.get("origin", ""), request.headers.get("host", "")
    if urlsplit(origin).netloc != host or not host:
        raise HTTPException(403, "asked from another page")


def address(request: Request) -> str:
    return request.client.host if request.client else ""


def guarded(app: App, *, secure: bool) -> App:
    """The same application; its answers tell browsers what they may do with them."""
    more = {**HEADERS, **({"strict-transport-security": "max-age=31536000"} if secure else {})}

    async def outside(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        if not _small(dict(scope["headers"])):
            await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})
            return

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                said = {name.decode().lower() for name, _ in message["headers"]}
                new = [(name.encode(), value.encode()) for name, value in more.items() if name not in said]
                message["headers"] = [*message["headers"], *new]
            await send(message)

        await app(scope, receive, with_headers)

    return outside


def _small(headers: dict[bytes, bytes]) -> bool:
    """Whether a request says how long it is, and is not too long."""
    length = headers.get(b"content-length", b"0")
    return b"transfer-encoding" not in headers and length.isdigit() and int(length) <= LARGEST


def policy_for(page: str) -> str:
    """A content security policy that allows exactly the scripts and styles that stand in a page of ours."""

    def hashes(tag: str) -> str:
        found = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S)
        digests = (base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in found)
        return "".join(f" 'sha256-{each}'" for each in digests)

    return POLICY.format(script=hashes("script"), style=hashes("style"))

"""The service of one controller over HTTP: health for everybody, the API and its page for those whom we know."""

import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from controller.errors import StoreError
from controller.service import accounts, api, api_page, find_api, guard, health, metrics, settings_api
from controller.service.access import Access
from controller.service.live import Live

V1 = "/api/v1"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


def pages() -> Mapping[str, tuple[str, bytes]]:
    """Files of the pages by name: media type and content."""
    folder = Path(__file__).parent / "pages"
    return {each.name: (KINDS[each.suffix], each.read_bytes()) for each in folder.iterdir() if each.suffix in KINDS}


def application(
    house: api.House, access: Access, finder: find_api.Finder, *, secure: bool = False
) -> Callable[..., Awaitable[None]]:
    """What answers. It sees the controller through the exchange only. `secure`: it is reached by TLS."""
    app = FastAPI(title="hemtwin", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    files = pages()
    door, live = guard.Guard(access, secure=secure), Live(house.exchange)

    app.include_router(accounts.router(door, house.recorder.audit), prefix=V1)
    app.include_router(api.router(house, door, live, house.recorder.audit), prefix=V1)
    app.include_router(find_api.router(finder, door, house.recorder.audit), prefix=V1)
    app.include_router(settings_api.router(house.setting, house.exchange, door, house.recorder.audit), prefix=V1)

    @app.exception_handler(StoreError)
    async def no_store(request: Request, error: StoreError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 503)

    @app.get("/health", include_in_schema=False)
    async def healthy() -> PlainTextResponse:
        """One line of what is wrong; 503 when it is the controller itself."""
        well, words = health.line(house.exchange.latest, time.monotonic(), house.recorder.problem)
        return PlainTextResponse(words + "\n", 200 if well else 503)

    reader = Depends(door.needs("read"))

    @app.get("/metrics", include_in_schema=False, dependencies=[reader])
    def measured() -> Response:
        """For Prometheus, with a token as everything."""
        return Response(
            metrics.text(house.snapshot, time.monotonic(), house.recorder.problem),
            headers={"content-type": metrics.TYPE},
        )

    @app.get(f"{V1}/openapi.json", include_in_schema=False, dependencies=[reader])
    async def described() -> JSONResponse:
        return JSONResponse(app.openapi())

    @app.get(f"{V1}/docs", include_in_schema=False, dependencies=[reader])
    async def page() -> HTMLResponse:
        """What can be asked, with forms to try it."""
        names = list(house.exchange.latest.devices) if house.exchange.latest else []
        text = api_page.page(app.openapi(), names, up="../../")
        return HTMLResponse(text, headers={"content-security-policy": guard.policy_for(text)})

    @app.get("/{name}", include_in_schema=False)
    async def frame(name: str) -> Response:
        """The pages without anything of the house: what they show they ask the API for."""
        found = files.get(name)
        return Response("no such page", 404) if found is None else Response(found[1], media_type=found[0])

    @app.get("/", include_in_schema=False)
    async def first() -> Response:
        return await frame("index.html")

    return guard.guarded(app, secure=secure)

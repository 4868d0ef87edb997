"""The service of one controller over HTTP."""

import time
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from controller.service import health
from controller.service.exchange import Exchange
from controller.service.recorder import Recorder
from controller.sitefile import Site


def application(exchange: Exchange, recorder: Recorder, site: Site, explained: Mapping[str, Any]) -> FastAPI:
    """What answers. It sees the controller through the exchange only."""
    app = FastAPI(title="hemtwin", version="1", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    async def healthy() -> PlainTextResponse:
        """One line of what is wrong; 503 when it is the controller itself."""
        well, words = health.line(exchange.latest, time.monotonic(), recorder.problem)
        return PlainTextResponse(words + "\n", 200 if well else 503)

    return app

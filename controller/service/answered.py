"""What the loop is asked to do over HTTP: its answer, or the status that says why there is none."""

from collections.abc import Callable
from typing import Any

from fastapi import HTTPException

from controller.errors import ConfigurationError
from controller.hem import Hem
from controller.service.exchange import Busy, Exchange

SECONDS = 5.0  # s in which the loop has to answer


def done(exchange: Exchange, work: Callable[[Hem], Any]) -> Any:
    """HTTPException 409 for what cannot be just now, 422 for what never can, 429 and 503 when the loop is not free."""
    try:
        return exchange.ask(work).result(SECONDS)
    except Busy as error:
        raise HTTPException(429, str(error), {"Retry-After": "1"}) from error
    except TimeoutError as error:
        raise HTTPException(503, "the controller has not answered") from error
    except ConfigurationError as error:
        raise HTTPException(422, str(error)) from error
    except ValueError as error:
        raise HTTPException(409, str(error)) from error

"""A web server inside a program that has signals and an event loop of its own."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn

from controller.errors import ConfigurationError

LEAVE = 5.0  # s in which open connections end when the server stops


class Server(uvicorn.Server):
    """uvicorn that leaves signals to the program it runs in."""

    def __init__(self, app: Any, **more: Any) -> None:
        super().__init__(
            uvicorn.Config(app, log_level="warning", lifespan="off", access_log=False, server_header=False, **more)
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Beside:
    """A server in a thread of its own: whatever happens there, the program's loop does not wait for it.

    `failed`: why it ended although nobody stopped it, empty while it runs.
    """

    def __init__(self, server: Server, gate: socket.socket) -> None:
        self._server, self._gate = server, gate
        self.failed = ""
        self._thread = threading.Thread(target=self._run, name="hem service", daemon=True)
        self._thread.start()

    @property
    def started(self) -> bool:
        return bool(self._server.started) and not self.failed

    def stop(self) -> None:
        """End it; connections that stay open are cut."""
        self._server.should_exit = True
        self._thread.join(2 * LEAVE)
        self._gate.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._server.serve(sockets=[self._gate]))
        except Exception as error:  # the boundary: the loop goes on without pages
            self.failed = f"{type(error).__name__}: {error}"
            return
        if not self._server.should_exit:
            self.failed = "has ended"


def bound(where: str, key: str = "control") -> socket.socket:
    """A listening socket at HOST:PORT; ConfigurationError when it cannot be had."""
    host, colon, port = where.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise ConfigurationError(f"HOST:PORT, not {where!r}", key=key)
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, int(port)))
        listening.listen(128)  # who asks before the server runs is answered a moment later
    except OSError as error:
        listening.close()
        raise ConfigurationError(f"{where} cannot be used: {error.strerror}", key=key) from error
    return listening

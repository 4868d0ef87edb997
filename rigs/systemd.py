"""Tells the service manager that the controller is ready, well, or ending (`sd_notify(3)`, the datagram protocol)."""

import os
import socket
from collections.abc import Mapping


class Manager:
    """Who started us and wants to know; nobody when NOTIFY_SOCKET is not set. `watchdog`: s between two signs of life.

    `problem`: why it could not be told the last time.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        asked = environment.get("WATCHDOG_USEC", "")
        mine = environment.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
        self.watchdog = int(asked) / 2e6 if asked.isdigit() and mine else None
        self.problem = ""

    def tell(self, **state: str) -> None:
        """Such as READY="1", STATUS="ok". Never waits; what cannot be said is `problem`."""
        if not self._address:
            return
        where = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        said = "\n".join(f"{name}={' '.join(value.split())}" for name, value in state.items())
        self.problem = ""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as line:
            try:
                line.sendto(said.encode(), where)
            except OSError as error:
                self.problem = f"{self._address}: {error.strerror}"

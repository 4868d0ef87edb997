"""Where to look: hosts, networks and serial lines as a person types them, within bounds."""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from controller.errors import ConfigurationError
from rigs.channels import check_serial

MOST = 512  # addresses of one search
WHERE = "HOST, HOST:PORT, NETWORK/24 or a serial device"


@dataclass(frozen=True, slots=True)
class Place:
    """A host, with a port where one was named, or a serial `device`."""

    host: str = ""
    port: int | None = None
    device: str = ""


def places(wanted: Sequence[str]) -> list[Place]:
    """Each once; ConfigurationError when one is none, is no neighbour, or when they are too many."""
    found: dict[Place, None] = {}
    for text in (each.strip() for each in wanted):
        found.update(dict.fromkeys(_places(text)))
        if len(found) > MOST:
            raise ConfigurationError(f"at most {MOST} addresses at a time, {text} has more", key="where")
    return list(found)


def _places(text: str) -> list[Place]:
    if text.startswith("/"):
        check_serial(text, "where")
        return [Place(device=text)]
    if "/" in text:
        try:
            network = ipaddress.IPv4Network(text, strict=False)
        except ValueError as error:
            raise ConfigurationError(f"{WHERE}, not {text!r}: {error}", key="where") from error
        if network.num_addresses > MOST:
            raise ConfigurationError(f"at most {MOST} addresses at a time, {text} has more", key="where")
        if not network.is_private:
            raise ConfigurationError(f"a network of the house, {text} is one of the internet", key="where")
        return [Place(str(each)) for each in network.hosts()]
    host, colon, port = text.rpartition(":")
    host, port = (host, port) if colon else (text, "")
    if not host or any(not (each.isalnum() or each in ".-_") for each in host):
        raise ConfigurationError(f"{WHERE}, not {text!r}", key="where")
    if colon and not (port.isdigit() and 1 <= int(port) <= 65535):
        raise ConfigurationError(f"{WHERE}, not {text!r}", key="where")
    try:
        socket.gethostbyname(host)
    except OSError as error:
        raise ConfigurationError(f"no host is called {host!r}", key="where") from error
    return [Place(host, int(port) if port else None)]

"""What the controller makes of a site file, without connecting anything."""

from typing import Any

from controller.explain import explained
from controller.hem import Hem
from controller.installation import controller
from controller.ports import Clock, Contacts, Line
from controller.sitefile import Site, load
from controller.store import Store
from rigs.physical import FileContacts, RealClock


def resolved(path: str) -> dict[str, Any]:
    """The installation as plain data, see `controller.explain`; ConfigurationError when it may not be run."""
    site = load(path)
    return explained(site, unwired(site, RealClock()))


def unwired(site: Site, clock: Clock, store: Store | None = None) -> Hem:
    """The controller of a site without any wire: drivers are made, and never ask anything."""
    nowhere: Contacts = Nowhere(())
    lines: list[tuple[Line, Any]] = [(nowhere, [each]) for each in site.device]
    return controller(site, lines, clock, store=store)


class Nowhere(FileContacts):
    """A line that is never asked anything, at any port."""

    def beyond(self, ports: int) -> "Nowhere":
        return self

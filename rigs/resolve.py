"""What the controller makes of a site file, without connecting anything."""

from typing import Any

from controller.explain import explained
from controller.installation import controller
from controller.ports import Contacts, Line
from controller.sitefile import load
from rigs.physical import FileContacts, RealClock


def resolved(path: str) -> dict[str, Any]:
    """The installation as plain data, see `controller.explain`; ConfigurationError when it may not be run."""
    site = load(path)
    nowhere: Contacts = FileContacts(())  # drivers are made, and never ask anything
    lines: list[tuple[Line, Any]] = [(nowhere, [each]) for each in site.device]
    return explained(site, controller(site, lines, RealClock()))

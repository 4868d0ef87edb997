"""What the contacts of a receiver mean: a share of the installed power, dimming or not, and what counts meanwhile.

Sources: steps of 100, 60, 30 and 0 %, the lowest of several (section 9 EEG practice; OpenEMS/openems
EssRestrictionLevel); FNN coding W4, W3, S2, S1 (evcc-io/evcc:hems/fnn/fnn.go). A contact that is wired and cannot be
read makes unknown whatever depends on it, never open.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.devices import Reading
from controller.settings import Receiver
from controller.sitefile import DeviceSettings
from controller.strategy.signals import State

Contacts = tuple[bool | None, bool | None, bool | None, bool | None]
"""K1 to K4, True when closed, None when it cannot be read."""

# K1..K4 closed alone: 100, 60, 30, 0 % of the installed power; no contact closed: no limit.
CLASSIC: Mapping[str, float] = {"0000": 100.0, "1000": 100.0, "0100": 60.0, "0010": 30.0, "0001": 0.0}


def contacts_of(reading: Reading, device: DeviceSettings) -> Contacts:
    """What was read. A contact beyond the lines of the site file is not wired: open unless it says otherwise."""
    wired = len(device.line.files) if device.line is not None and device.line.files else 4
    found = [reading.get(f"k{number}") for number in (1, 2, 3, 4)]
    read = [each if isinstance(each, bool) else None for each in found]
    k1, k2, k3, k4 = [False if each is None and number >= wired else each for number, each in enumerate(read)]
    return k1, k2, k3, k4


def percent(contacts: Contacts, device: DeviceSettings) -> float | None:
    """Share of the installed power that may be fed, None when the pattern is undefined or a contact unreadable."""
    if device.receiver.coding == "fnn":
        return _fnn(contacts)
    if None in contacts:
        return None
    return (device.patterns or CLASSIC).get(_digits(contacts))


def _fnn(contacts: Contacts) -> float | None:
    """W3, S2, S1 (K3, K2, K1): the first closed one counts; K4 has nothing to do with generation."""
    s1, s2, w3, _ = contacts
    for closed, share in ((w3, 0.0), (s2, 30.0), (s1, 60.0)):
        if closed is None:
            return None
        if closed:
            return share
    return 100.0


def dims(contacts: Contacts, device: DeviceSettings) -> bool | None:
    """Whether controllable loads are to be dimmed: W4 of the FNN coding, or a pattern of 0 %."""
    if device.receiver.coding == "fnn":
        return contacts[3]
    share = percent(contacts, device)
    return None if share is None else share == 0


def at_last(contacts: Contacts, device: DeviceSettings) -> float:
    """Percent after the hold: the installer's, or the lowest that one closed contact alone means, 0 without any."""
    if device.receiver.fail_safe is not None:
        return device.receiver.fail_safe
    if None in contacts:
        return 0.0
    table = device.patterns or CLASSIC
    alone = ["".join(str(int(i == j)) for j in range(4)) for i, closed in enumerate(contacts) if closed]
    return min((table[each] for each in alone if each in table), default=0.0)


def dims_at_last(receiver: Receiver) -> bool:
    """Whether loads are dimmed after the hold: unless the installer has said that nothing is limited then."""
    return receiver.fail_safe is None or receiver.fail_safe < 100


def shown(contacts: Contacts) -> str:
    """`K1+K3 closed`, and what cannot be read."""
    closed = "+".join(f"K{number}" for number, each in enumerate(contacts, 1) if each)
    unread = "+".join(f"K{number}" for number, each in enumerate(contacts, 1) if each is None)
    said = f"{closed} closed" if closed else "no contact closed"
    return f"{unread} unreadable" if unread else said


def _digits(contacts: Contacts) -> str:
    return "".join("1" if each else "0" for each in contacts)


@dataclass(frozen=True, slots=True)
class Heard:
    """What counts of one receiver. `value` is None until something was read; `unclear`: monotonic s since when not."""

    value: float | None = None
    state: State = "not read yet"
    unclear: float | None = None


def hear(heard: Heard, meaning: float | None, at_last: float, hold: float, now: float) -> Heard:
    """What counts now. Without `meaning` the last value stands for `hold` s, then `at_last` does."""
    if meaning is not None:
        return heard if heard.state == "valid" and heard.value == meaning else Heard(meaning, "valid")
    unclear = heard.unclear if heard.unclear is not None else now
    if now - unclear >= hold:
        return Heard(at_last, "fail-safe", unclear)
    if heard.state == "valid":
        return Heard(heard.value, "held", unclear)
    return Heard(heard.value, heard.state, unclear)

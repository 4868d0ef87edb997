"""What is wrong, in one line: with the controller itself, which then has to be started anew, or around it."""

from collections.abc import Iterator

from controller.service.snapshot import Snapshot

STUCK = 90.0  # s without progress of a line or the decision; who supervises them has had its chance after 60
OLD = 10.0  # s after which a snapshot says that the loop no longer makes any


def stuck(snapshot: Snapshot) -> list[str]:
    """What of the controller itself does not move."""
    return [f"{name} has not moved for {age:.0f} s" for name, age in snapshot.moved.items() if age > STUCK]


def around(snapshot: Snapshot) -> Iterator[str]:
    """What is wrong with the store and the devices; the controller goes on."""
    if snapshot.defect:
        yield f"a rule is defect, the safe plan holds: {snapshot.defect}"
    if snapshot.problem:
        yield f"nothing outlives a restart: {snapshot.problem}"
    for device in snapshot.devices.values():
        if device.state != "online" and (device.state != "waiting" or snapshot.settled):
            yield f"{device.name} is {device.state}" + (f": {device.error}" if device.error else "")


def line(snapshot: Snapshot | None, monotonic: float, history: str = "") -> tuple[bool, str]:
    """Whether the controller itself works, and one line of what is wrong, `ok` when nothing is.

    `history`: why it cannot be kept, empty when it is.
    """
    if snapshot is None:
        return False, "the controller is starting"
    if snapshot.stopping:
        return False, "the controller is stopping"
    found = stuck(snapshot)
    if (age := monotonic - snapshot.monotonic) > OLD:
        found.insert(0, f"the controller has shown nothing for {age:.0f} s")
    words = "; ".join([*found, *around(snapshot), *([f"no history is kept: {history}"] if history else [])])
    return not found, " ".join(words.split()) or "ok"

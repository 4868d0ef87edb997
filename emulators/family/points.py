"""Several charge points of one device: what each is, where its registers lie, what is broken about it.

    points = 2                 in a model or as an option: how many; or what differs: [{}, { dc = true }]
    [points]
    stride = 0x100             the rows of [points.registers] lie (n - 1) * stride higher for point n
    ports = true               instead: point n is a controller of its own, at the device's port + n - 1
    station = "hyc:Station"    what the points share, built as Station(faces, facts, device): `station.x` in [registers]
    also = [{ dc = false }]    points besides, as a variant lays them over
    [points.registers]         rows of point 1, as in [registers]

The row's own device is point 1; every point has a twin, a face and writes of its own. Behind one wire they are one
device all the same: they restart together, and what is broken about the line is broken for all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from emulators.family.profile import Facts
from emulators.faults.known import LIES, Faults
from emulators.wires.device import Device

Heard = Callable[[int, int, int], None]


def places(data: Mapping[str, Any], facts: Facts) -> list[Facts]:
    """The facts of each point, of the first alone where a family knows no points."""
    told = facts.more.get("points", 1) if "points" in data else 1
    differing = [{}] * told if isinstance(told, int) else told
    return [_place(facts, each) for each in (*differing, *data.get("points", {}).get("also", ()))]


def _place(facts: Facts, own: Mapping[str, Any]) -> Facts:
    more = {**facts.more, **own}
    return replace(
        facts, rated_power=float(own.get("rated_power", facts.rated_power)),
        phases=int(own.get("phases", facts.phases)), more=more,
    )  # fmt: skip


def prefix(number: int) -> str:
    """What stands before the quantities of a further point in the registers that it shares."""
    return f"point{number}"


def laid(tables: Mapping[str, list[list[Any]]], points: Mapping[str, Any], count: int) -> dict[str, list[list[Any]]]:
    """The common rows with those of all points."""
    whole = {name: list(rows) for name, rows in tables.items()}
    stride = int(points.get("stride", 0))
    for name, rows in points.get("registers", {}).items():
        moved = [_moved(row, number, (number - 1) * stride) for number in range(1, count + 1) for row in rows]
        whole[name] = whole.get(name, []) + moved
    return whole


def _moved(row: list[Any], number: int, by: int) -> list[Any]:
    address, kind, scale, access, name, quantity = row
    if number > 1 and quantity and not quantity.startswith(("=", "model.", "station.")):
        quantity = f"{prefix(number)}.{quantity}"
    return [address + by, kind, scale, access, name, quantity]


def heard(faces: Sequence[object]) -> Heard | None:
    """One hook for requests, from the faces that have one."""
    hooks: list[Heard] = [each.asked for each in faces if hasattr(each, "asked")]

    def all_of_them(function: int, address: int, count: int) -> None:
        for hook in hooks:
            hook(function, address, count)

    return hooks[0] if len(hooks) == 1 else all_of_them if hooks else None


def joined(devices: Sequence[Device]) -> None:
    """These are the charge points of one device."""
    for number, each in enumerate(devices, 1):
        each.points = tuple(devices)
        if number > 1:
            each.faults = FaultsOfPoint(devices[0].faults, number)


class FaultsOfPoint(Faults):
    """The faults of a device as one of its further points has them: only a lie is its own, about its quantities."""

    def __init__(self, device: Faults, number: int) -> None:
        super().__init__(device.active, device.shown)
        self._prefix = prefix(number) + "."

    def on(self, name: str, **parameters: Any) -> None:
        if name in LIES:
            parameters["quantity"] = self._prefix + str(parameters.get("quantity", ""))
        super().on(name, **parameters)

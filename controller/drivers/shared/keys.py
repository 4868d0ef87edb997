"""Values that a device gives by name in a JSON object, and the pages they are on, declared like Modbus points."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from controller.devices import Value
from controller.drivers.shared.declared import Declared
from controller.drivers.shared.possible import Doubts, believed
from controller.errors import Garbled


@dataclass(frozen=True)
class Key(Declared):
    """A named value: what the device says * scale, in `unit`. `part` names the object it is in where there are many.

    A null is None, and so is a value in `absent`. A key that is missing is a damaged answer, unless it is `optional`.
    """

    key: str
    scale: float = 1
    unit: str = ""
    part: str = ""
    absent: tuple[float, ...] = ()
    optional: bool = False

    def number(self, found: Mapping[str, object], doubts: Doubts | None = None) -> float | None:
        """The scaled value; Garbled when it is not a number, None with a doubt when it cannot be."""
        raw = self._raw(found)
        if raw is None or raw in self.absent:
            return None
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            raise Garbled(f"{self.key!r} is {raw!r} and not a number")
        return believed(self.name, scaled(raw, self.scale), self.unit, doubts=doubts)

    def text(self, found: Mapping[str, object]) -> str:
        """The value as text."""
        raw = self._raw(found)
        return "" if raw is None else str(raw).strip()

    def flag(self, found: Mapping[str, object]) -> bool | None:
        """The value as a yes or no; 1 and 0 count as such."""
        raw = self._raw(found)
        if raw is None:
            return None
        if raw not in (True, False):
            raise Garbled(f"{self.key!r} is {raw!r} and not a yes or no")
        return bool(raw)

    def _raw(self, found: Mapping[str, object]) -> object:
        if self.key not in found and not self.optional:
            raise Garbled(f"an answer without {self.key!r}")
        return found.get(self.key)


@dataclass(frozen=True)
class Call(Declared):
    """A page of a web API: `path` with {} where numbers go, `key` of what it gives or of the form field it takes."""

    method: str
    path: str
    key: str = ""


def scaled(raw: float, scale: float) -> float:
    """raw * scale, divided where the scale is one over a whole number, so that 16 001 mA is 16.001 A exactly."""
    divisor = round(1 / scale) if 0 < abs(scale) < 1 else 0
    return raw / divisor if divisor and abs(1 / divisor - scale) < 1e-12 else raw * scale


def json_object(raw: bytes) -> Mapping[str, object]:
    """The JSON object in `raw`; Garbled when there is none."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as no:
        if raw.lstrip().startswith(b"<"):
            raise Garbled(
                "a web page instead of JSON: check address and port, and the device's firmware", raw=raw
            ) from no
        raise Garbled("JSON that breaks off" if raw.lstrip()[:1] in (b"{", b"[") else "not JSON", raw=raw) from no
    if not isinstance(found, dict):
        raise Garbled("JSON, but no object", raw=raw)
    return found


def keys(device: type) -> tuple[Key, ...]:
    """The keys that a driver class declares, its bases' first."""
    found: dict[str, Key] = {}
    for owner in reversed(device.__mro__):
        found.update({name: each for name, each in vars(owner).items() if isinstance(each, Key)})
    return tuple(found.values())


def numbers(device: type, part: str, found: Mapping[str, object], doubts: Doubts | None = None) -> dict[str, Value]:
    """All keys of one part as numbers, by attribute name."""
    return {each.name: each.number(found, doubts) for each in keys(device) if each.part == part}

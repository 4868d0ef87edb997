"""Would we have noticed? Every point of a driver is broken once, in each way that happens to people: address, scale,
sign, width, word order, function code, scale factor, a step of the enable chain or the refresh left out.

A driver's points are found by what they are, not by who wrote them: frozen dataclasses among the class attributes of
the driver and of the helper classes that it uses (`VeBus`, `SaxBlock`: devices at another unit id of the same line).
The emulators' tables are broken in `scenarios.mutation.tables`.
"""

import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

from controller.devices import Driver
from emulators.family.profile import Profile
from scenarios.bench.declared import KEYS, PLACES, Helper, helpers, in_place, names, own_points, points, teller

SIGNS = {"u16": "s16", "s16": "u16", "u32": "s32", "s32": "u32", "u64": "s64", "s64": "u64"}
WIDTHS = {
    "u16": "u32",
    "s16": "s32",
    "u32": "u16",
    "s32": "s16",
    "u64": "u32",
    "s64": "s32",
    "f32": "u32",
    "f64": "f32",
}
TURNED = {"high first": "low first", "low first": "high first"}


@dataclass(frozen=True)
class Mutant:
    """One break: of which point, in which way. A broken helper takes its place in its module while it is judged."""

    side: str  # driver | emulator
    point: str
    change: str
    driver: type[Driver] | None = None
    profile: Profile | None = None
    helper: Helper | None = None

    @contextmanager
    def standing(self) -> Iterator[None]:
        """While the broken helper, if any, stands where the healthy one was."""
        with swapped((self.helper,) if self.helper else ()):
            yield


@contextmanager
def swapped(helpers: Collection[Helper]) -> Iterator[None]:
    """While these classes stand in their modules."""
    before = [(each, getattr(sys.modules[each.module], each.name)) for each in helpers]
    try:
        for each in helpers:
            setattr(sys.modules[each.module], each.name, each.kind)
        yield
    finally:
        for each, kind in before:
            setattr(sys.modules[each.module], each.name, kind)


def driver_mutants(driver: type[Driver], written: Collection[str]) -> Iterator[Mutant]:
    """Every single break of a driver class; `written`: names of the points that it gives to the device."""
    for name, point in points(driver).items():
        for change, broken in breaks(point, driver):
            yield Mutant("driver", name, change, driver=_with(driver, name, broken))
        if name in written:
            yield from _left_out(driver, name, point)
    for helper in helpers(driver):
        for name, point in own_points(helper.kind).items():
            whole = f"{helper.name}.{name}"
            for change, broken in breaks(point, helper.kind):
                swap = replace(helper, kind=_with(helper.kind, name, broken))
                yield Mutant("driver", whole, change, driver, helper=swap)
            if whole in written:
                swap = replace(helper, kind=_deaf(helper.kind, name, point))
                yield Mutant("driver", whole, "is never written", driver, helper=swap)
    for name, value in _class_breaks(driver):
        yield Mutant("driver", "class", f"{name} = {value!r}", driver=_with(driver, name, value))


def breaks(point: Any, owner: type) -> Iterator[tuple[str, Any]]:
    """What can be wrong about one point, as (change, broken point)."""
    known = names(point)
    for place in PLACES:
        if place in known and isinstance(getattr(point, place), int):
            for step in (1, -1, 2, -2):
                yield f"{place} {step:+d}", replace(point, **{place: getattr(point, place) + step})
    for key in KEYS:
        if key in known and isinstance(getattr(point, key), str) and getattr(point, key):
            yield f"{key} misspelt", replace(point, **{key: getattr(point, key) + "x"})
    if isinstance(getattr(point, "factor", None), int):
        for step in (1, -1):
            yield f"factor {step:+d}", replace(point, factor=point.factor + step)
    if getattr(point, "text", False) or getattr(point, "coding", "") == "bool":
        return
    if "scale" in known and isinstance(point.scale, int | float):
        for factor in (10, 0.1, -1):
            yield f"scale x {factor:g}", replace(point, scale=point.scale * factor)
    coding = getattr(point, "coding", None)
    if coding in SIGNS:
        yield f"{coding} as {SIGNS[coding]}", replace(point, coding=SIGNS[coding])
    if coding in WIDTHS:
        yield f"{coding} as {WIDTHS[coding]}", replace(point, coding=WIDTHS[coding])
    if "order" in known and point.words > 1:
        order = TURNED[point.order or getattr(owner, "word_order", "high first")]
        yield f"order = {order}", replace(point, order=order)
    if "function" in known:
        function = 7 - (point.function or getattr(owner, "function", 3))
        yield f"function = {function}", replace(point, function=function)


def _class_breaks(driver: type) -> Iterator[tuple[str, Any]]:
    order = getattr(driver, "word_order", None)
    if order in TURNED:
        yield "word_order", TURNED[order]
    function = getattr(driver, "function", None)
    if function in (3, 4):
        yield "function", 7 - function
    if getattr(driver, "refresh", None):
        yield "refresh", None
    unit = getattr(driver, "default_unit", None)
    if isinstance(unit, int):
        yield "default_unit", unit + 1
    if getattr(driver, "absent", None):
        yield "absent", {}


def _with(driver: type, name: str, value: Any) -> type[Any]:
    """The class with one attribute replaced."""
    points_too = in_place(driver, {name: value}) if name in points(driver) else {name: value}
    attributes = {**points_too, "__module__": driver.__module__, "healthy": getattr(driver, "healthy", driver)}
    broken = type(driver.__name__, (driver,), attributes)
    if hasattr(value, "__set_name__"):
        value.__set_name__(broken, name)
    return broken


# a step left out


def _left_out(driver: type[Driver], name: str, point: Any) -> Iterator[Mutant]:
    """The driver that passes over every write to this point, as if somebody had forgotten the line."""
    tellers = [each for each in helpers(driver) if teller(each.kind)]
    if hasattr(point, "coding") or teller(driver):
        yield Mutant("driver", name, "is never written", driver=_deaf(driver, name, point))
    elif tellers:
        swap = replace(tellers[0], kind=_deaf(tellers[0].kind, name, point))
        yield Mutant("driver", name, "is never written", driver, helper=swap)


def _deaf(owner: type, name: str, point: Any) -> Any:
    """The class with every write to this point passed over, alone or in the middle of a block."""
    broken: Any = type(owner.__name__, (owner,), {"__module__": owner.__module__, "healthy": owner})
    base: Any = owner
    if method := teller(owner):

        async def tell(self: Any, what: Any, *rest: Any) -> None:
            if what.name != name:
                await getattr(base, method)(self, what, *rest)

        setattr(broken, method, tell)
    if hasattr(base, "write_together"):

        async def write_together(self: Any, *values: Any) -> None:
            for run in _runs(values, lambda each: each[0]._point.name == name):
                await base.write_together(self, *run)

        broken.write_together = write_together
    if hasattr(base, "write_run"):

        async def write_run(self: Any, values: Mapping[Any, float]) -> None:
            for run in _runs(tuple(values.items()), lambda each: each[0].name == name):
                await base.write_run(self, dict(run))

        broken.write_run = write_run
    if name in points(owner) and hasattr(type(point), "__get__"):
        mute = _mute(point)
        for each, kept in in_place(owner, {name: mute}).items():
            setattr(broken, each, kept)
        mute.__set_name__(broken, name)
    return broken


def _runs(values: tuple[Any, ...], left_out: Any) -> Iterator[tuple[Any, ...]]:
    """The values without those left out, in runs of neighbours."""
    run: tuple[Any, ...] = ()
    for each in values:
        if left_out(each):
            if run:
                yield run
            run = ()
        else:
            run = (*run, each)
    if run:
        yield run


def _mute(point: Any) -> Any:
    """A point whose bound form takes a write and does nothing."""

    def bind(self: Any, device: Any, owner: type | None = None) -> Any:
        if device is None:
            return self
        bound = type(point).__get__(self, device, owner)

        async def write(value: float) -> None:
            return None

        bound.write = write
        return bound

    return as_kind(point, type(type(point).__name__, (type(point),), {"__get__": bind}))


def as_kind(point: Any, kind: type) -> Any:
    """The same point as an instance of a class made from its own."""
    return kind(**{field.name: getattr(point, field.name) for field in fields(point) if field.init})

"""How a read of a block of registers is answered: planned once, then one look at each value, and one pack of each that
has changed since the block was read last.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import attrgetter, is_
from typing import Any

from emulators.table.owners import directly
from emulators.table.rows import Codec

View = Callable[[str, Any], Any]  # (quantity, true value) -> what the device says
Ask = Callable[[object], tuple[Any, ...]]  # an owner for the values that it has
Step = tuple[int, Codec, object | None, str, bytes | None]
"""Where a value stands in the block, how it is coded, who has it under which name, or the constant there."""


class Plan:
    """How to answer one (address, count): `fill` gives the block as it is now.

    `moving`: scales whose `group` has an exponent that follows values.
    """

    __slots__ = (
        "_ask", "_exponents", "_image", "_known", "_lied", "_lied_of", "_lies", "_more", "_moving", "_owner",
        "_packers", "_said", "_sources", "_values", "fill",
    )  # fmt: skip

    def __init__(self, template: bytes, steps: list[Step], moving: Sequence[Any] = ()) -> None:
        self._image = image = bytearray(template)
        self._packers: list[tuple[int, Callable[[Any], bytes]]] = []
        self._sources: list[tuple[object, str]] = []
        self._known: list[bool] = []  # what never says that there is no value
        asked: dict[int, list[Step]] = {}  # by owner, so that each is asked once for all that it has
        for step in steps:
            offset, _, owner, _, constant = step
            if constant is not None:
                _lay(image, offset, constant)
            else:
                asked.setdefault(id(owner), []).append(step)
        for group in asked.values():
            self._sources += [(owner, quantity) for _, _, owner, quantity, _ in group]
            self._packers += [(offset, codec.pack) for offset, codec, *_ in group]
            self._known += [codec.always_known for _, codec, *_ in group]
        (self._ask, self._owner), *more = _looks([directly(*source) for source in self._sources])
        self._more = tuple(more)
        self._moving = tuple({id(scale.group): scale.group for scale in moving}.values())
        self._exponents: list[int] = []  # as they were when the block was read last
        self._values: Any = (self,) * len(self._sources)  # nothing equals a plan: all are packed at first
        self._said = bytes(image)
        self._lied_of: tuple[Any, ...] = ()  # the values that were falsified last, why, and what came of it
        self._lies: tuple[object, ...] = ()
        self._lied = b""
        still = not self._sources and not moving
        self.fill: Callable[[], bytes] = self._said.__bytes__ if still else self._fill

    def _fill(self) -> bytes:
        """The block as it is now."""
        values, again = self._ask(self._owner), False
        for ask, owner in self._more:
            values += ask(owner)
        if self._moving:
            exponents = [group.exponent for group in self._moving]
            again, self._exponents = exponents != self._exponents, exponents
        if again or values != self._values:
            self._pack(values, again)
        return self._said

    def _pack(self, values: tuple[Any, ...], again: bool) -> None:
        image, size = self._image, len(self._image)
        for (offset, pack), value, before in zip(self._packers, values, self._values, strict=True):
            if value != before or again:
                data = pack(value)
                end = offset + len(data)
                if offset >= 0 and end <= size:
                    image[offset:end] = data
                else:
                    _lay(image, offset, data)
        self._values, self._said = values, bytes(image)

    def falsified(self, view: View, lies: Iterable[object] = ()) -> bytes:
        """The block with every value as `view` has it.

        `lies`: what the view rests on. As long as they are the same ones and no value has changed it says the same;
        with none of them it is asked anew.
        """
        self.fill()
        values, rests = self._values, tuple(lies)
        if rests and not self._moving:
            if values == self._lied_of and len(rests) == len(self._lies) and all(map(is_, rests, self._lies)):
                return self._lied
            self._lied_of, self._lies, self._lied = values, rests, self._asked_anew(view)
            return self._lied
        return self._asked_anew(view)

    def _asked_anew(self, view: View) -> bytes:
        image = bytearray(self._image)
        for (offset, pack), (owner, quantity), known in zip(self._packers, self._sources, self._known, strict=True):
            value = getattr(owner, quantity)
            said = view(quantity, value)
            _lay(image, offset, pack(value if said is None and known else said))
        return bytes(image)


def _looks(sources: Sequence[tuple[object, str]]) -> list[tuple[Ask, object]]:
    """How each owner is asked, in one call for all that it has: this is done for every read."""
    groups = [list(group) for _, group in groupby(sources, lambda source: id(source[0]))]
    return [(_ask(tuple(name for _, name in group)), group[0][0]) for group in groups] or [(_ask(()), None)]


@lru_cache(4096)  # devices of one family are asked in the same way
def _ask(names: tuple[str, ...]) -> Ask:
    """Asks one owner. A name with a dot is a charge point's, and an attribute all the same."""
    if len(names) == 1:
        (only,) = names
        return lambda owner: (getattr(owner, only),)
    if not names or any("." in name for name in names):
        return lambda owner: tuple([getattr(owner, name) for name in names])
    return attrgetter(*names)


def _lay(image: bytearray, offset: int, data: bytes) -> None:
    """Put `data` at `offset`, cut to the image."""
    start, end = max(offset, 0), min(offset + len(data), len(image))
    image[start:end] = data[start - offset : end - offset]

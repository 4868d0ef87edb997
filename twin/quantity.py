"""The kinds of attributes that a device's truth is made of.

plain attribute   a fact that stays until it is set again: voltage, rating
follows           a quantity that follows from others until it is set from outside
counted           a counter or store that moves with time
command           what a controller gives by assignment: physics then decides anew
"""

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, overload

T = TypeVar("T")


class Holder(Protocol):
    """What has such attributes: a model."""

    held: dict[str, Any]  # what was set of the quantities that follow
    known: list[str]  # what has been worked out of them

    def catch_up(self) -> None: ...

    def forget(self) -> None: ...

    def free(self, *names: str) -> None: ...


class follows:
    """A quantity that follows from others by `rule` until somebody sets it.

    Its value stands in the model's own attributes as long as it is known, so that looking at it again costs nothing.
    """

    def __init__(self, rule: Callable[[Any], Any]) -> None:
        self._rule = rule
        self.__doc__ = rule.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, model: Holder | None, owner: type) -> Any:
        if model is None:
            return self
        name, held = self.name, model.held
        value = held[name] if name in held else self._rule(model)
        model.__dict__[name] = value
        model.known.append(name)
        return value


class counted:
    """A counter or store in its unit, brought up to the site's time when it is looked at."""

    def __init__(self, same_as: str = "") -> None:
        self.slot = f"_{same_as}" if same_as else ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.slot = self.slot or f"_{name}"

    @overload
    def __get__(self, model: None, owner: type) -> Self: ...

    @overload
    def __get__(self, model: Holder, owner: type) -> float: ...

    def __get__(self, model: Holder | None, owner: type) -> "Self | float":
        if model is None:
            return self
        model.catch_up()
        value: float = model.__dict__[self.slot]
        return value

    def __set__(self, model: Holder, value: float) -> None:
        model.catch_up()
        model.__dict__[self.slot] = value
        model.forget()


class command(property, Generic[T]):
    """What a controller gives by assignment. What was set of `frees`, and of the power, follows from physics again.

    A property, so that the look at it, one of the most frequent of all, needs no code of ours.
    """

    def __init__(self, *frees: str) -> None:
        self.frees = frees

    def __set_name__(self, owner: type, name: str) -> None:
        self.slot = f"_{name}"
        super().__init__(attrgetter(self.slot))

    if TYPE_CHECKING:

        @overload  # type: ignore[override]
        def __get__(self, model: None, owner: type) -> Self: ...

        @overload
        def __get__(self, model: Holder, owner: type) -> T: ...

        def __get__(self, model: Holder | None, owner: type) -> "Self | T": ...

    def __set__(self, model: Holder, value: T) -> None:
        facts = model.__dict__
        if not model.held and facts.get(self.slot, model) == value:
            return  # a command given again
        model.catch_up()
        facts[self.slot] = value
        model.free(*self.frees)

"""Who has a quantity that a register shows, when it is neither the face nor the twin: `meter.power`, `model.code`."""

from collections.abc import Mapping, Sequence
from typing import Any

from emulators.table.answers import IllegalAddress


def give(owner: object, quantity: str, value: Any) -> None:
    """Assign a quantity; what a device only works out and shows is refused as an address that cannot be written."""
    known = getattr(type(owner), quantity, None)
    # a twin's `command` is a property that takes values in its own way
    if isinstance(known, property) and known.fset is None and type(known).__set__ is property.__set__:
        raise IllegalAddress(f"{quantity} is only shown")
    setattr(owner, quantity, value)


class Named:
    """Quantities of something else under its name: `prefix.quantity`. All of them are None where it is absent."""

    def __init__(self, prefix: str, target: object | None) -> None:
        vars(self).update(_prefix=prefix + ".", _target=target)

    def __getattr__(self, name: str) -> Any:
        prefix, target = vars(self)["_prefix"], vars(self)["_target"]
        if not name.startswith(prefix):
            raise AttributeError(name)
        key = name[len(prefix) :]
        if target is None:
            return None
        if isinstance(target, Mapping):
            if key not in target:
                raise AttributeError(name)
            return target[key]
        return getattr(target, key)

    def __setattr__(self, name: str, value: Any) -> None:
        target = vars(self)["_target"]
        if target is not None:
            give(target, name[len(vars(self)["_prefix"]) :], value)


def directly(owner: object, quantity: str) -> tuple[object, str]:
    """Whom to ask instead, by which name, where an owner only passes the question on: it is asked often."""
    while isinstance(owner, Named) and quantity.startswith(prefix := vars(owner)["_prefix"]):
        target = vars(owner)["_target"]
        if target is None or isinstance(target, Mapping):
            break
        owner, quantity = target, quantity[len(prefix) :]
    return owner, quantity


class Together:
    """The quantities of several owners as if they were one's: each is the first's that has it."""

    def __init__(self, owners: Sequence[object]) -> None:
        vars(self).update(_owners=tuple(owners), _known={})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._owner(name), name)

    def __setattr__(self, name: str, value: Any) -> None:
        give(self._owner(name), name, value)

    def _owner(self, name: str) -> object:
        known = vars(self)["_known"]
        if name not in known:
            owner = next((each for each in vars(self)["_owners"] if hasattr(each, name)), None)
            if owner is None:
                raise AttributeError(name)
            known[name] = owner
        return known[name]

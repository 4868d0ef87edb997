"""Who has a quantity that a register shows, when it is neither the face nor the twin: `meter.power`, `model.code`."""

from collections.abc import Mapping
from typing import Any


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
            setattr(target, name[len(vars(self)["_prefix"]) :], value)

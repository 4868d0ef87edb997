"""What all kinds of points have in common: they are declared as class attributes, and go by their names."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Declared:
    """A class attribute that knows its name."""

    name: str = field(default="", compare=False, kw_only=True)

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)

"""Digital contacts, e.g. of a ripple-control receiver."""

from typing import ClassVar

from twin.model import Model


class Contacts(Model):
    """k1 to k4: closed True, open False, None when the input cannot be read."""

    quantities: ClassVar[tuple[str, ...]] = ("k1", "k2", "k3", "k4")

    def __init__(self) -> None:
        super().__init__()
        self.k1: bool | None = False
        self.k2: bool | None = False
        self.k3: bool | None = False
        self.k4: bool | None = False

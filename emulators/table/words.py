"""Registers that keep what is written to them and do nothing in the twin."""

from typing import Any


class Words:
    """`word_<address>`: `blank` until something is written, unless `known` says what it holds from the factory."""

    def __init__(self, blank: int | None = None, **known: int) -> None:
        self._blank = blank
        vars(self).update(known)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("word_"):
            raise AttributeError(name)
        return self._blank

"""Whole numbers as a person types them: `1-10,247`."""

from controller.errors import ConfigurationError


def numbers(text: str, key: str, low: int, high: int) -> list[int]:
    """The numbers of a list with ranges; ConfigurationError names the part that is none, or is out of bounds."""
    found: dict[int, None] = {}
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        try:
            ends = int(first), int(last) if dash else int(first)
        except ValueError as error:
            raise ConfigurationError(f"numbers such as 1-10,247, not {part.strip()!r}", key=key) from error
        if not low <= ends[0] <= ends[1] <= high:
            raise ConfigurationError(f"{low} to {high}, not {part.strip()!r}", key=key)
        found.update(dict.fromkeys(range(ends[0], ends[1] + 1)))
    return list(found)

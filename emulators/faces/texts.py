"""Texts as some devices send them."""


def swapped(text: str) -> str:
    """A text with the low byte of each word first: its characters two by two in the other order."""
    text += "\0" * (len(text) % 2)
    return "".join(text[at + 1] + text[at] for at in range(0, len(text), 2))

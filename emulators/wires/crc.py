"""Checksums of 16 bits that take the lowest bit first, by table."""

from collections.abc import Callable


def reflected(polynomial: int) -> Callable[[bytes, int], int]:
    """The function (data, start) -> remainder for a polynomial written with its lowest power first."""
    entries = []
    for entry in range(256):
        for _ in range(8):
            entry = entry >> 1 ^ polynomial if entry & 1 else entry >> 1
        entries.append(entry)
    table = tuple(entries)

    def remainder(data: bytes, start: int) -> int:
        for byte in data:
            start = start >> 8 ^ table[(start ^ byte) & 0xFF]
        return start

    return remainder

"""Diagnostics that serial meters answer: function 8 with sub-function 0 returns what was sent.

Source: MODBUS Application Protocol V1.1b3, 6.8.
"""

from emulators.table.answers import IllegalFunction


def loopback(pdu: bytes) -> bytes:
    """The request itself; no other sub-function is there."""
    if pdu[1:3] != b"\0\0":
        raise IllegalFunction
    return pdu

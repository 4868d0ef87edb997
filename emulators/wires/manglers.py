"""Faults F3 to F15 and F25 on a Modbus reply: what is asked for is answered, but wrongly, late or in pieces."""

from collections.abc import Callable

from emulators.faults.known import Faults
from emulators.wires.linefaults import delivered, garbage, latency, silent
from emulators.wires.wire import Out

Frame = Callable[[int | None, int, bytes], bytes]


def mangle(
    faults: Faults, transaction: int | None, unit: int, request: bytes, reply: bytes | None, delay: float, frame: Frame
) -> list[Out]:
    """The outputs that reach the line instead of the one healthy reply."""
    if reply is None or silent(faults):
        return []
    healthy = [Out(frame(transaction, unit, reply), delay)]
    if "exception" in faults:
        reply = bytes((request[0] | 0x80, faults.parameter("exception", "code", 4)))
    outs = delivered(faults, _broken(faults, transaction, unit, reply, frame), latency(faults, delay))
    faults.acted(outs != healthy)
    return outs


def _broken(faults: Faults, transaction: int | None, unit: int, reply: bytes, frame: Frame) -> bytes:
    """The frame of a reply with what is wrong about its contents."""
    if "noise" in faults:
        return garbage(len(reply) + 4)
    if "wrong-function" in faults:
        reply = bytes((reply[0] ^ 0x07,)) + reply[1:]
    if "wrong-unit" in faults:
        unit = (unit + 1) % 248
    if "wrong-transaction" in faults and transaction is not None:
        transaction = faults.parameter("wrong-transaction", "value", 0)
    reads = reply[0] in (1, 2, 3, 4)
    if "short-count" in faults:
        reply = bytes((reply[0], reply[1] - 2)) + reply[2:-2] if reads and len(reply) > 3 else reply[:-1]
    if "long-count" in faults:
        reply = bytes((reply[0], reply[1] + 2)) + reply[2:] + b"\x12\x34" if reads else reply + b"\x12"
    if "odd-bytes" in faults:
        reply = bytes((reply[0], reply[1] - 1)) + reply[2:-1] if reads and len(reply) > 2 else reply[:-1]
    return frame(transaction, unit, reply)

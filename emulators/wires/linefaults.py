"""Line faults: streams, datagrams and HTTP answers refused, late, in pieces or garbled."""

from collections.abc import Sequence
from dataclasses import replace

from emulators.faults.known import Faults
from emulators.wires.wire import HttpReply, NoConnection, Out

SILENT = frozenset({"half-open", "reboot"})  # the peer has gone and nobody was told
TAKEN = frozenset({"connect-refused", "connections-taken"})


def gate(faults: Faults) -> None:
    """NoConnection while a fault keeps clients out."""
    if TAKEN & faults.active.keys():
        raise NoConnection("refused by fault")
    if "connect-hang" in faults:
        raise NoConnection("no answer by fault", hang=True)


def silent(faults: Faults) -> bool:
    """Whether nothing reaches or leaves the device."""
    return bool(SILENT & faults.active.keys())


def deaf(faults: Faults) -> bool:
    """The same for a wire without connections: one that cannot be opened stays silent too."""
    return silent(faults) or bool((TAKEN | {"connect-hang"}) & faults.active.keys())


def latency(faults: Faults, delay: float) -> float:
    """Seconds until the reply, with what slows it down."""
    if "busy" in faults:
        delay *= float(faults.parameter("busy", "factor", 10))
    if "late-reply" in faults:
        delay += float(faults.parameter("late-reply", "seconds", 5.0))
    return delay


def garbage(length: int) -> bytes:
    """Bytes that are no frame of anything, always the same."""
    return bytes((37 * i + 11) % 256 for i in range(length))


def spoil(faults: Faults, data: bytes, delay: float) -> list[Out]:
    """What reaches the line instead of the one healthy reply on a stream."""
    if silent(faults):
        return []
    return delivered(faults, garbage(len(data) + 4) if "noise" in faults else data, latency(faults, delay))


def delivered(faults: Faults, data: bytes, delay: float) -> list[Out]:
    """How a reply reaches the line: whole, cut off, in pieces or twice."""
    if "reset-mid-reply" in faults:
        return [Out(data[: len(data) // 2], delay, close=True)]
    if "split-reply" in faults:
        return [Out(data[i : i + 1], delay + 0.001 * i) for i in range(len(data))]
    if "duplicate-reply" in faults:
        return [Out(data, delay), Out(data, delay)]
    return [Out(data, delay)]


def spoil_datagram(faults: Faults, data: bytes, delay: float) -> list[Out]:
    """The same for a datagram, which comes whole, cut or not at all: a broken one is half as long."""
    if deaf(faults):
        return []
    delay = latency(faults, delay)
    if "noise" in faults:
        data = garbage(len(data))
    if "reset-mid-reply" in faults or "split-reply" in faults:
        data = data[: len(data) // 2]
    copies = 2 if "duplicate-reply" in faults else 1
    return [Out(data, delay)] * copies


def spoil_stream(faults: Faults, telegrams: Sequence[bytes]) -> list[bytes]:
    """The same for a meter that only sends; it cannot be late, so late ones are lost."""
    if deaf(faults) or "late-reply" in faults:
        return []
    out: list[bytes] = []
    for data in telegrams:
        if "noise" in faults:
            data = garbage(len(data))
        if "reset-mid-reply" in faults:
            data = data[: len(data) // 2]
        parts = [data[i : i + 1] for i in range(len(data))] if "split-reply" in faults else [data]
        out += parts * 2 if "duplicate-reply" in faults else parts
    return out


def spoil_http(faults: Faults, reply: HttpReply) -> HttpReply:
    """What the client gets instead of the healthy answer; NoConnection when it gets none."""
    if silent(faults):
        raise NoConnection("the peer has gone", hang=True)
    reply = replace(reply, delay=latency(faults, reply.delay))
    if "exception" in faults:
        status = int(faults.parameter("exception", "status", 500))
        reply = replace(reply, status=status, body=b"", content_type="text/plain")
    if "noise" in faults:
        reply = replace(reply, body=garbage(len(reply.body) + 4))
    if "short-count" in faults:
        reply = replace(reply, body=reply.body[: len(reply.body) // 2])
    if "duplicate-reply" in faults:
        reply = replace(reply, body=reply.body * 2)
    if "reset-mid-reply" in faults:
        reply = replace(reply, broken=0.5)
    return reply

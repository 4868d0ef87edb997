"""Line faults: streams, datagrams and HTTP answers refused, late, in pieces or garbled."""

from collections.abc import Sequence
from dataclasses import replace

from emulators.faults.known import Faults
from emulators.wires.wire import HttpReply, NoConnection, Out

SILENT = frozenset({"half-open", "reboot"})  # the peer has gone and nobody was told
TAKEN = frozenset({"connect-refused", "connections-taken"})
HANGING = frozenset({"connect-hang", "reboot"})


def gate(faults: Faults) -> None:
    """NoConnection while a fault keeps clients out."""
    out = (TAKEN | HANGING) & faults.active.keys()
    faults.shown |= out
    if TAKEN & out:
        raise NoConnection("refused by fault")
    if out:
        raise NoConnection("no answer by fault", hang=True)


def silent(faults: Faults) -> bool:
    """Whether nothing of what would reach or leave the device does."""
    found = SILENT & faults.active.keys()
    faults.shown |= found
    return bool(found)


def deaf(faults: Faults) -> bool:
    """The same for a wire without connections."""
    return silent(faults)


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
    outs = delivered(faults, garbage(len(data) + 4) if "noise" in faults else data, latency(faults, delay))
    faults.acted(outs != [Out(data, delay)])
    return outs


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
    if silent(faults):
        return []
    outs = [Out(each, latency(faults, delay)) for each in _datagrams(faults, data)]
    faults.acted(outs != [Out(data, delay)])
    return outs


def spoil_push(faults: Faults, data: bytes) -> list[bytes]:
    """The same for a datagram that is sent unasked; it cannot be late, so a late one is lost."""
    if silent(faults):
        return []
    sent = [] if "late-reply" in faults else _datagrams(faults, data)
    faults.acted(sent != [data])
    return sent


def _datagrams(faults: Faults, data: bytes) -> list[bytes]:
    if "noise" in faults:
        data = garbage(len(data))
    if "reset-mid-reply" in faults:
        data = data[: len(data) // 2]
    return [data] * (2 if "duplicate-reply" in faults else 1)


def spoil_stream(faults: Faults, telegrams: Sequence[bytes]) -> list[bytes]:
    """The same for a meter that only sends on a line."""
    if silent(faults):
        return []
    out: list[bytes] = []
    for data in telegrams if "late-reply" not in faults else ():
        for each in _datagrams(faults, data):
            out += [each[i : i + 1] for i in range(len(each))] if "split-reply" in faults else [each]
    faults.acted(out != [*telegrams])
    return out


def spoil_http(faults: Faults, healthy: HttpReply) -> HttpReply:
    """What the client gets instead of the healthy answer; NoConnection when it gets none."""
    if silent(faults):
        raise NoConnection("the peer has gone", hang=True)
    reply = replace(healthy, delay=latency(faults, healthy.delay))
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
    faults.acted(reply != healthy)
    return reply

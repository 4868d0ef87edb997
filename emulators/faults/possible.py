"""Which faults a device can have: what its wire can do to a reply, and whether it takes writes.

The emulators, the control API and the stories ask here, so that no fault is taken and then ignored.
"""

from collections.abc import Iterable, Mapping

from emulators.faults.known import LIES, UnfitFault

CONNECTIONS = frozenset({"connect-refused", "connect-hang", "connections-taken"})
ANY = frozenset({"half-open", "reboot", "noise"})
REPLY = ANY | {"reset-mid-reply", "late-reply", "duplicate-reply", "busy"}
STREAM = REPLY | LIES | {"split-reply"}
MODBUS = STREAM | {"short-count", "long-count", "odd-bytes", "wrong-function", "wrong-unit", "exception"}
WIRES: Mapping[str, frozenset[str]] = {
    "modbus-tcp": MODBUS | CONNECTIONS | {"wrong-transaction"},
    "modbus-rtu": MODBUS,
    "tcp": STREAM | CONNECTIONS,
    "serial": STREAM,
    "http": REPLY | CONNECTIONS | {"exception", "short-count"},
    "udp": REPLY | LIES,  # a datagram comes whole, cut or not at all
    "sml": (STREAM - {"busy"}),  # a meter that only sends
    "speedwire": (REPLY | LIES) - {"busy"},
    "calling": ANY
    | {  # a client: what it asks is broken, and nobody keeps it out
        "reset-mid-reply",
        "duplicate-reply",
        "short-count",
        "long-count",
        "odd-bytes",
        "wrong-function",
        "wrong-unit",
    },
    "contacts": ANY | {"not-available", "frozen"},
}
"""By wire, what every station on it can do."""

WRITTEN = frozenset({"write-ignored", "write-reverted", "enable-lost"})
"""What a device can have that takes writes."""
BESIDE = frozenset({"second-master", "controller-killed", "controller-stalled", "clock-step"})
"""What happens to the controller or beside the device: whoever tries a controller does it, no emulator can."""


class ImpossibleFault(UnfitFault):
    """A fault of the catalogue that this device cannot have; lists those it can."""

    def __init__(self, name: str, device: str, can: Iterable[str]) -> None:
        why = "happens beside the device" if name in BESIDE else "is nothing that this device can have"
        super().__init__(f"{name} {why}; {device} can have {', '.join(sorted(can)) or 'none'}")


def of_wire(wire: str) -> frozenset[str]:
    """All that a controller may meet on this wire, its own troubles among it."""
    return WIRES[wire] | WRITTEN | BESIDE

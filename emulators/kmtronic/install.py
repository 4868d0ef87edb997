"""Puts a relay board with a heat pump behind it on the wire that the board has."""

from emulators.family.build import Installation, Order, Serial
from emulators.family.profile import BrokenProfile, Profile
from emulators.family.single import single
from emulators.faults import possible
from emulators.faults.known import LIES
from emulators.kmtronic.board import SIZES, RelayBoard
from emulators.kmtronic.wires import LanBoard, SerialBoard
from emulators.wires.linefaults import gate
from emulators.wires.wire import Endpoint
from twin.heatpump import HeatPump


def install(family: Profile, order: Order) -> Installation:
    family, facts, device = single(family, order)
    if not isinstance(device.twin, HeatPump):
        raise BrokenProfile(family.file, "kind", "heat-pump")
    if facts.more["board"] not in SIZES:
        raise ValueError(f"no board {facts.more['board']!r}, there are {', '.join(SIZES)}")
    board = RelayBoard(device.twin, facts, device)
    device.face, device.operator = board, board.operator
    wire = "udp" if facts.more["board"] == "lan" else "serial"
    # it measures nothing that it could lie about, and a relay does not let go by itself
    device.possible = (possible.WIRES[wire] | possible.WRITTEN) - LIES - {"write-reverted"}
    if facts.more["board"] == "lan":
        station = LanBoard(board, device)
        return Installation(family, order.protocol, [device], station, None, int(facts.more["port"]))
    endpoint = Endpoint(lambda: SerialBoard(board, device), order.clock, gate=lambda: gate(device.faults))
    device.endpoint = endpoint
    return Installation(family, order.protocol, [device], endpoint, Serial(9600, "N", 1))

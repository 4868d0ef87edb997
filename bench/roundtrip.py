"""(c) A read in bytes without a wire: ours, pymodbus's classes, and struct alone."""

import asyncio
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest
from pymodbus.simulator import DataType, SimData, SimDevice
from pymodbus.simulator.simcore import SimCore

from bench.measure import Figure, interleaved, seconds
from bench.peers import Exchange
from emulators.family.build import build
from emulators.table.registers import Space
from emulators.table.rows import Row, Rules
from emulators.wires.modbus import Station, Unit
from emulators.wires.sessions import TcpSession
from rigs import master
from rigs.tcp_answers import TcpAnswers


class Fixed:
    """A device with 60 registers that move."""

    def __init__(self) -> None:
        self.power = 70_123


def ours(count: int, times: int, quantity: str = "=4211") -> float:
    """Seconds for reads through our master and our station. `quantity`: a constant as the others have it, or live."""
    device = build(112, "modbus-rtu", clock=lambda: 0.0).main
    face = Fixed()
    rows = [Row(i, "U16", 1.0, "r", f"register {i}", quantity) for i in range(60)]
    session = TcpSession(Station({1: Unit(device, {"holding": Space(rows, Rules(), [face])})}))
    answers, values = TcpAnswers(1.0), struct.Struct(f">{count}H")

    def run() -> None:
        for _ in range(times):
            exchange = master.read(1, 3, 0, count)
            (out,) = session.feed(answers.begin(exchange))
            data = answers.heard(exchange, out.data, 0.0)
            values.unpack(data or b"")

    return seconds(run)


def theirs(count: int, times: int) -> float:
    """The same through pymodbus's framer and PDU classes."""
    exchange = Exchange()

    def run() -> None:
        for _ in range(times):
            exchange.read(1, 3, 0, count)

    return seconds(run)


def stored(count: int, times: int) -> float:
    """The same with pymodbus's datastore behind them, as its server has it."""
    client, server = FramerSocket(DecodePDU(False)), FramerSocket(DecodePDU(True))
    core: Any = SimCore(SimDevice(1, simdata=[SimData(0, count=60, values=4211, datatype=DataType.REGISTERS)]))

    async def run() -> None:
        for number in range(1, times + 1):
            request = ReadHoldingRegistersRequest(address=0, count=count, dev_id=1, transaction_id=number)
            _, asked = server.handleFrame(client.buildFrame(request), 0, 0)
            assert asked is not None
            reply = await asked.datastore_update(core, asked.dev_id)
            reply.transaction_id, reply.dev_id = asked.transaction_id, asked.dev_id
            _, told = client.handleFrame(server.buildFrame(reply), 1, number)
            assert told is not None and len(told.registers) == count

    return seconds(lambda: asyncio.run(run()))


def floor(count: int, times: int) -> float:
    """The same bytes built and taken apart by struct alone, with nobody who answers."""
    request, head, values = struct.Struct(">HHHBBHH"), struct.Struct(">HHHBBB"), struct.Struct(f">{count}H")
    image = values.pack(*[70_123 & 0xFFFF] * count)

    def run() -> None:
        for number in range(times):
            asked = request.pack(number & 0xFFFF, 0, 6, 1, 3, 0, count)
            transaction, _, _, unit, function, address, words = request.unpack(asked)
            data = image[2 * address : 2 * (address + words)]
            reply = head.pack(transaction, 0, 3 + len(data), unit, function, len(data)) + data
            if head.unpack_from(reply) == (number & 0xFFFF, 0, 3 + 2 * count, 1, 3, 2 * count):
                values.unpack(reply[9:])

    return seconds(run)


def round_trip(times: int, rounds: int) -> list[Figure]:
    figures = []
    for count, aim in ((10, "8"), (60, "")):
        ways: dict[str, Callable[[], float]] = {
            "ours": partial(ours, count, times), "live": partial(ours, count, times, "power"),
            "pymodbus": partial(theirs, count, times), "stored": partial(stored, count, times),
            "floor": partial(floor, count, times),
        }  # fmt: skip
        found = interleaved(ways, rounds)
        figures += [
            Figure(f"round trip of {count} registers, ours", found["ours"] / times * 1e6, "us"),
            Figure(
                f"round trip of {count} registers, ours, each asked of the device", found["live"] / times * 1e6, "us"
            ),
            Figure(f"round trip of {count} registers, pymodbus framer and PDU", found["pymodbus"] / times * 1e6, "us"),
            Figure(
                f"round trip of {count} registers, pymodbus with its datastore", found["stored"] / times * 1e6, "us"
            ),
            Figure(f"round trip of {count} registers, struct alone (floor)", found["floor"] / times * 1e6, "us"),
            Figure(f"round trip of {count} registers, pymodbus / ours", found["pymodbus"] / found["ours"], "x", aim),
            Figure(
                f"round trip of {count} registers, pymodbus with datastore / ours", found["stored"] / found["ours"], "x"
            ),
        ]
    return figures

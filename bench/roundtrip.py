"""(c) One request and its answer as bytes in one process: ours against pymodbus's framer and PDU classes."""

import asyncio
import struct
from statistics import median
from time import process_time

from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest
from pymodbus.simulator.simcore import SimCore

from bench.measure import Report, in_turn, ratio
from bench.meter import UNIT, peer, station
from emulators.modbus import TcpSession
from rigs import master


def ours(times: int, count: int) -> float:
    """Microseconds a round trip: request built, taken apart, answered by a live meter, checked and decoded."""
    session, layout = TcpSession(station(lambda: 1_750_000_000.0)), struct.Struct(f">{count // 2}f")
    begin = process_time()
    for number in range(times):
        transaction = number & 0x7FFF
        exchange = master.read(UNIT, 3, 0, count)
        data = exchange.take_tcp(transaction, session.feed(exchange.tcp(transaction))[0].data)
        assert data is not None
        layout.unpack(data)
    return (process_time() - begin) / times * 1e6


def floor(times: int, count: int) -> float:
    """The same with nothing but struct: what bytes cost at least."""
    request, head, layout = struct.Struct(">HHHBBHH"), struct.Struct(">HHHBBB"), struct.Struct(f">{count // 2}f")
    image = bytes(2 * count)
    begin = process_time()
    for number in range(times):
        asked = request.pack(number & 0x7FFF, 0, 6, UNIT, 3, 0, count)
        transaction, _, _, unit, function, address, words = request.unpack(asked)
        data = image[2 * address : 2 * (address + words)]
        reply = head.pack(transaction, 0, 3 + len(data), unit, function, len(data)) + data
        if head.unpack_from(reply) == (number & 0x7FFF, 0, 3 + 2 * count, UNIT, 3, 2 * count):
            layout.unpack(reply[9:])
    return (process_time() - begin) / times * 1e6


async def _theirs(times: int, count: int) -> float:
    client, server, core = FramerSocket(DecodePDU(False)), FramerSocket(DecodePDU(True)), SimCore(peer())
    begin = process_time()
    for number in range(times):
        request = ReadHoldingRegistersRequest(
            address=0, count=count, dev_id=UNIT, transaction_id=(number & 0x7FFF) or 1
        )
        _, asked = server.handleFrame(client.buildFrame(request), 0, 0)
        assert asked is not None
        reply = await asked.datastore_update(core, asked.dev_id)  # type: ignore[arg-type]
        reply.transaction_id, reply.dev_id = asked.transaction_id, asked.dev_id
        _, answer = client.handleFrame(server.buildFrame(reply), UNIT, request.transaction_id)
        assert answer is not None and len(answer.registers) == count
    return (process_time() - begin) / times * 1e6


def theirs(times: int, count: int) -> float:
    """The same with pymodbus's classes on both sides and its own datastore, whose values are constant."""
    return asyncio.run(_theirs(times, count))


def measure(quick: bool) -> Report:
    report = Report("(c) byte round trip in one process, CPU time")
    times = 500 if quick else 20_000
    for count, aim in ((10, 8.0), (60, None)):
        found = in_turn({
            "floor": lambda count=count: floor(times, count),  # type: ignore[misc]
            "ours": lambda count=count: ours(times, count),  # type: ignore[misc]
            "theirs": lambda count=count: theirs(times, count),  # type: ignore[misc]
        })  # fmt: skip
        name = f"{count} registers"
        report.add(f"{name}: ours", median(found["ours"]), "us")
        report.add(f"{name}: pymodbus framer and PDU", median(found["theirs"]), "us")
        report.add(f"{name}: struct alone (floor)", median(found["floor"]), "us")
        report.add(f"{name}: pymodbus / ours", ratio(found["theirs"], found["ours"]), "x", aim)
        report.add(f"{name}: ours / floor", ratio(found["ours"], found["floor"]), "x")
    return report

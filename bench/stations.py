"""(b) Our station server against pymodbus's, at the same load from a second process."""

import asyncio
import statistics
import struct
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from bench.measure import Figure
from emulators.family.build import build
from emulators.table.registers import Space
from emulators.table.rows import Row, Rules
from emulators.wires.modbus import Station, Unit
from emulators.wires.sessions import TcpSession
from emulators.wires.wire import ConnectionRules, Endpoint
from rigs.stations import TcpStation

Place = tuple[str, int]
Start = Callable[[list[str]], Awaitable[tuple[list[Place], Callable[[], Awaitable[None]]]]]


class Sixty:
    power = 70_123


async def ours(hosts: list[str]) -> tuple[list[Place], Callable[[], Awaitable[None]]]:
    stations, places = [], []
    device = build(112, "modbus-rtu", clock=lambda: 0.0).main
    rows = [Row(i, "U16", 1.0, "r", f"register {i}", "power") for i in range(60)]
    for host in hosts:
        behind = Station({1: Unit(device, {"holding": Space(rows, Rules(), [Sixty()])})})
        endpoint = Endpoint(lambda behind=behind: TcpSession(behind), lambda: 0.0, ConnectionRules(limit=1000))  # type: ignore[misc]
        station = TcpStation(endpoint, 0.0)
        places.append((host, await station.listen(host, 0)))
        stations.append(station)

    async def close() -> None:
        for station in stations:
            await station.close()

    return places, close


async def theirs(hosts: list[str]) -> tuple[list[Place], Callable[[], Awaitable[None]]]:
    servers, places = [], []
    for host in hosts:
        device = SimDevice(1, simdata=[SimData(0, values=[5] * 60, datatype=DataType.REGISTERS)])
        server = ModbusTcpServer(device, address=(host, 0))
        await server.listen()
        transport: Any = server.transport
        places.append((host, transport.sockets[0].getsockname()[1]))
        servers.append(server)

    async def close() -> None:
        for server in servers:
            await server.shutdown()  # type: ignore[no-untyped-call]

    return places, close


class Echo(asyncio.BufferedProtocol):
    """Answers any request with as many zeros as it asks for."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._buffer, self._transport = bytearray(4096), transport

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        count = 2 * self._buffer[11]
        self._transport.write(struct.pack(">HHHBBB", 1, 0, 3 + count, 1, 3, count) + bytes(count))


async def bare(hosts: list[str]) -> tuple[list[Place], Callable[[], Awaitable[None]]]:
    servers = [await asyncio.get_running_loop().create_server(Echo, host, 0) for host in hosts]

    async def close() -> None:
        for server in servers:
            server.close()

    return [(host, server.sockets[0].getsockname()[1]) for host, server in zip(hosts, servers, strict=True)], close


async def under_load(
    start: Start, hosts: list[str], connections: int, registers: int, each: int
) -> tuple[float, float]:
    """Transactions a second that a server answers, and its own CPU time a transaction in us."""
    places, close = await start(hosts)
    try:
        begin = time.process_time()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.load", str(connections), str(registers), str(each),
            *(f"{host}:{port}" for host, port in places), stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        told, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError("the load did not come to its end")
        return connections * each / float(told), (time.process_time() - begin) / (connections * each) * 1e6
    finally:
        await close()


def servers(each: int, rounds: int) -> list[Figure]:
    """Rates hang on what else the two cores do, ratios of a round less so: of both the median is told.

    CPU time tells what a core to itself would answer.
    """
    figures = []
    many = [f"127.88.{number // 250}.{number % 250 + 1}" for number in range(300)]
    for what, hosts, connections, registers, aim in (
        ("50 connections x 10 registers", ["127.0.0.1"], 50, 10, "3.5"),
        ("50 connections x 60 registers", ["127.0.0.1"], 50, 60, "4.5"),
        ("300 devices in one process", many, 300, 10, "6"),
    ):
        runs: dict[str, list[tuple[float, float]]] = {"ours": [], "pymodbus": [], "floor": []}
        for _ in range(2 * rounds - 1):
            for name, start in (("ours", ours), ("pymodbus", theirs), ("floor", bare)):
                runs[name].append(asyncio.run(under_load(start, hosts, connections, registers, each)))
        rate = {name: statistics.median(rate for rate, _ in found) for name, found in runs.items()}
        cost = {name: statistics.median(cost for _, cost in found) for name, found in runs.items()}
        beside = list(zip(runs["ours"], runs["pymodbus"], strict=True))
        faster = statistics.median(ours / theirs for (ours, _), (theirs, _) in beside)
        cheaper = statistics.median(theirs / ours for (_, ours), (_, theirs) in beside)
        figures += [
            Figure(f"server, {what}, ours", rate["ours"], "1/s"),
            Figure(f"server, {what}, pymodbus", rate["pymodbus"], "1/s"),
            Figure(f"server, {what}, same bytes without a protocol (floor)", rate["floor"], "1/s"),
            Figure(f"server, {what}, ours / pymodbus", faster, "x", aim),
            Figure(f"server, {what}, CPU a transaction, ours", cost["ours"], "us"),
            Figure(f"server, {what}, CPU a transaction, pymodbus", cost["pymodbus"], "us"),
            Figure(f"server, {what}, CPU a transaction, floor", cost["floor"], "us"),
            Figure(f"server, {what}, pymodbus's CPU / ours", cheaper, "x", aim),
        ]
    return figures

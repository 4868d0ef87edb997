"""(b) Our station server against pymodbus's, at the same load from a second process."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from bench.measure import ROUNDS, Figure
from emulators.build import build
from emulators.modbus import Station, TcpSession, Unit
from emulators.registers import Row, Rules, Space
from emulators.wire import ConnectionRules, Endpoint
from rigs.stations import TcpStation

Place = tuple[str, int]


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


async def under_load(
    start: Callable[[list[str]], Awaitable[tuple[list[Place], Callable[[], Awaitable[None]]]]],
    hosts: list[str], connections: int, registers: int, each: int,
) -> float:  # fmt: skip
    """Transactions a second that a server answers."""
    places, close = await start(hosts)
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.load", str(connections), str(registers), str(each),
            *(f"{host}:{port}" for host, port in places), stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        told, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError("the load did not come to its end")
        return connections * each / float(told)
    finally:
        await close()


def servers(each: int) -> list[Figure]:
    figures = []
    many = [f"127.88.{number // 250}.{number % 250 + 1}" for number in range(300)]
    for what, hosts, connections, registers, aim in (
        ("50 connections x 10 registers", ["127.0.0.1"], 50, 10, "3.5"),
        ("50 connections x 60 registers", ["127.0.0.1"], 50, 60, "4.5"),
        ("300 devices in one process", many, 300, 10, "6"),
    ):
        rates: dict[str, list[float]] = {"ours": [], "pymodbus": []}
        for _ in range(ROUNDS):
            times = max(each * 50 // connections, 5)
            rates["ours"].append(asyncio.run(under_load(ours, hosts, connections, registers, times)))
            rates["pymodbus"].append(asyncio.run(under_load(theirs, hosts, connections, registers, times)))
        mine, other = sorted(rates["ours"])[ROUNDS // 2], sorted(rates["pymodbus"])[ROUNDS // 2]
        figures += [
            Figure(f"server, {what}, ours", mine, "1/s"),
            Figure(f"server, {what}, pymodbus", other, "1/s"),
            Figure(f"server, {what}, ours / pymodbus", mine / other, "x", aim),
        ]
    return figures

"""(c) A read in bytes without a wire, and (d) the cost of a transaction as devices become more."""

import struct
import time

from bench.measure import Figure, interleaved, seconds
from bench.peers import Exchange
from emulators.build import build
from emulators.modbus import Station, TcpSession, Unit
from emulators.profile import profile_for
from emulators.registers import Row, Rules, Space
from rigs import master
from rigs.simulated import SimClock, environment, line_for


class Fixed:
    """A device with 60 registers that move."""

    def __init__(self) -> None:
        self.power = 70_123


def ours(count: int, times: int) -> float:
    """Seconds for reads through our master and our station."""
    device = build(112, "modbus-rtu", clock=lambda: 0.0).main
    face = Fixed()
    rows = [Row(i, "U16", 1.0, "r", f"register {i}", "power") for i in range(60)]
    session = TcpSession(Station({1: Unit(device, {"holding": Space(rows, Rules(), [face])})}))

    def run() -> None:
        for transaction in range(1, times + 1):
            exchange = master.read(1, 3, 0, count)
            (out,) = session.feed(exchange.tcp(transaction & 0xFFFF or 1))
            data = exchange.take_tcp(transaction & 0xFFFF or 1, out.data)
            struct.unpack(f">{count}H", data or b"")

    return seconds(run)


def theirs(count: int, times: int) -> float:
    """The same through pymodbus's framer and PDU classes."""
    exchange = Exchange()

    def run() -> None:
        for _ in range(times):
            exchange.read(1, 3, 0, count)

    return seconds(run)


def round_trip(times: int) -> list[Figure]:
    figures = []
    for count, aim in ((10, "8"), (60, "")):
        found = interleaved({"ours": lambda: ours(count, times), "pymodbus": lambda: theirs(count, times)})  # noqa: B023
        figures += [
            Figure(f"round trip of {count} registers, ours", found["ours"] / times * 1e6, "us"),
            Figure(f"round trip of {count} registers, pymodbus framer and PDU", found["pymodbus"] / times * 1e6, "us"),
            Figure(f"round trip of {count} registers, pymodbus / ours", found["pymodbus"] / found["ours"], "x", aim),
        ]
    return figures


def population(devices: int, cycles: int) -> float:
    """CPU seconds a transaction with `devices` simulated meters, each on a line of its own, read every second."""
    env = environment()
    profile = profile_for(112, "modbus-rtu")
    lines = []
    for _ in range(devices):
        made = build(112, "modbus-tcp", clock=lambda: float(env.now), profile=profile)
        lines.append(line_for(env, made))
    clock = SimClock(env)

    async def poll(line: object) -> None:
        for _ in range(cycles):
            await line.read(1, 4, 0x34, 2)  # type: ignore[attr-defined]
            await clock.sleep(1.0)

    processes = [env.process(poll(line)) for line in lines]  # type: ignore[arg-type]
    begin = time.process_time()
    env.run(env.all_of(processes))
    return (time.process_time() - begin) / (devices * cycles)


def growth(transactions: int) -> list[Figure]:
    sizes = (10, 100, 1000)
    found = interleaved({str(size): lambda size=size: population(size, transactions // size) for size in sizes})  # type: ignore[misc]
    figures = [Figure(f"transaction among {size} devices", found[str(size)] * 1e6, "us") for size in sizes]
    return [*figures, Figure("growth from 10 to 1000 devices", found["1000"] / found["10"], "x", "<= 1.3")]

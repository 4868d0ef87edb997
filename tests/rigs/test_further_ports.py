"""A station whose second charge point has a controller of its own answers at the next port, on real sockets."""

import asyncio
import time

import pytest
from pymodbus.client import ModbusTcpClient

from emulators.family.build import build
from rigs.loopback import serve


def read(host: str, port: int, address: int, count: int) -> list[int]:
    with ModbusTcpClient(host, port=port, timeout=2) as client:
        return client.read_holding_registers(address, count=count, device_id=1).registers


def test_the_second_point_answers_at_the_next_port_and_both_ports_are_given_back() -> None:
    async def story() -> None:
        station = build(77, "modbus-tcp", clock=time.time)
        station.devices[1].twin.set("power", 71_234.0)
        place = await serve(station, "127.93.7.1", 15_502)
        first, second = station.devices
        assert (first.address, second.address) == ("127.93.7.1:15502", "127.93.7.1:15503")
        assert await asyncio.to_thread(read, "127.93.7.1", 15_502, 220, 2) == [0, 0]
        assert await asyncio.to_thread(read, "127.93.7.1", 15_503, 220, 2) == [1, 71_234 - 65_536]
        await place.close()
        for port in (15_502, 15_503):
            with pytest.raises(OSError):
                await asyncio.open_connection("127.93.7.1", port)

    asyncio.run(story())

"""pymodbus reads and commands our devices as public clients' registers say; our driver reads a pymodbus server."""

import asyncio
import struct
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from controller.drivers.eastron import Sdm630
from emulators.family.build import build
from rigs.loopback import LoopbackRig
from rigs.physical import Modbus, RealClock, TcpChannel

MAPS = tomllib.loads(Path(__file__).with_name("public_maps.toml").read_text(encoding="utf-8"))["map"]
CODES = {"u16": "H", "s16": "h", "u32": "I", "s32": "i", "u64": "Q", "f32": "f", "f64": "d"}


def named(public: dict[str, Any]) -> str:
    return f"{public['row']} {public.get('protocol', 'modbus-tcp')} {public['source'].split(':')[0]}"


async def said(client: Any, unit: int, function: int, address: int, kind: str) -> Any:
    """The raw value of a register, as pymodbus reads it."""
    code = CODES[kind.split()[0]]
    read = client.read_input_registers if function == 4 else client.read_holding_registers
    words = (await read(address, count=struct.calcsize(code + "x") // 2, device_id=unit)).registers
    ordered = words[::-1] if kind.endswith("low") else words
    return struct.unpack(">" + code, struct.pack(f">{len(ordered)}H", *ordered))[0]


@pytest.mark.parametrize("public", MAPS, ids=named)
def test_pymodbus_finds_what_public_clients_know_and_is_obeyed(public):
    async def story() -> None:
        async with LoopbackRig(pace=0) as rig:
            protocol = public.get("protocol", "modbus-tcp")
            await rig.connect(build(public["row"], protocol, model=public.get("model"), clock=rig.clock.now))
            served, device = rig.served[0], rig.installations[0].main
            for quantity, value in public["set"].items():
                device.twin.set(quantity, value)
            client: Any = (
                AsyncModbusSerialClient(served.pty, baudrate=9600)
                if served.pty
                else AsyncModbusTcpClient(served.host, port=served.port)
            )
            assert await client.connect()
            for function, address, kind, factor, quantity in public["read"]:
                raw = await said(client, device.unit, function, address, kind)
                true = device.twin.truth()[quantity]
                assert factor * raw == pytest.approx(true, rel=1e-6, abs=0.6 * abs(factor)), (address, quantity)
            for function, address, words in public.get("write", ()):
                answer = await (
                    client.write_register(address, words[0], device_id=device.unit)
                    if function == 6
                    else client.write_registers(address, words, device_id=device.unit)
                )
                assert not answer.isError(), address
            device.wake()
            for quantity, value in public.get("then", {}).items():
                assert device.twin.truth()[quantity] == pytest.approx(value), quantity
            client.close()
            await asyncio.sleep(0)

    asyncio.run(story())


def test_our_driver_reads_a_pymodbus_server_that_has_the_map_of_mbmd():
    """Addresses as in volkszaehler/mbmd:meters/rs485/sdm.go; the meter exports 70 000.5 W."""
    floats = {0: 231.5, 52: -70000.5, 70: 49.75, 72: 12345.5, 74: 98765.25}
    image = [0] * 400
    for address, value in floats.items():
        image[address : address + 2] = struct.unpack(">2H", struct.pack(">f", value))

    async def story() -> dict[str, Any]:
        device = SimDevice(1, simdata=[SimData(0, values=image, datatype=DataType.REGISTERS)])
        server = ModbusTcpServer(device, address=("127.0.0.1", 0))
        await server.listen()
        line = Modbus(TcpChannel("127.0.0.1", server.transport.sockets[0].getsockname()[1]))
        reading = dict(await Sdm630(line, RealClock(), row=112).read())
        line.close()
        await server.shutdown()
        return reading

    found = asyncio.run(story())
    assert (found["power"], found["voltage_l1"], found["frequency"]) == (-70000.5, 231.5, 49.75)
    assert (found["import_energy"], found["export_energy"]) == (12_345_500.0, 98_765_250.0)

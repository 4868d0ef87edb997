"""Against software that is not ours: pymodbus reads our emulated devices, our line reads a pymodbus server."""

import asyncio
import struct

import pytest
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from emulators.family.build import build
from emulators.family.profile import profile_for
from rigs.loopback import LoopbackRig
from rigs.physical import Modbus, TcpChannel

POWER = -70000.5


@pytest.mark.parametrize("protocol", ["modbus-tcp", "modbus-rtu"])
def test_pymodbus_reads_and_writes_an_emulated_meter(protocol):
    async def story() -> None:
        async with LoopbackRig(pace=0) as rig:
            await rig.connect(build(112, protocol, clock=rig.clock.now, profile=profile_for(112, "modbus-rtu")))
            served, device = rig.served[0], rig.installations[0].main
            device.twin.set("power", POWER)
            client = (
                AsyncModbusTcpClient(served.host, port=served.port)
                if protocol == "modbus-tcp"
                else AsyncModbusSerialClient(served.pty, baudrate=9600)
            )
            assert await client.connect()
            found = await client.read_input_registers(0x34, count=2, device_id=1)
            assert client.convert_from_registers(found.registers, client.DATATYPE.FLOAT32) == POWER
            refused = await client.read_input_registers(0x34, count=3, device_id=1)
            assert refused.isError()
            words = client.convert_to_registers(3.0, client.DATATYPE.FLOAT32)
            assert not (await client.write_registers(0x1C, words, device_id=1)).isError()
            assert [(write.target, write.value) for write in device.writes] == [(0x1C, 3.0)]
            client.close()
            await asyncio.sleep(0)

    asyncio.run(story())


def test_our_line_reads_a_pymodbus_server():
    async def story() -> None:
        registers = list(struct.unpack(">2H", struct.pack(">f", POWER)))
        device = SimDevice(7, simdata=[SimData(100, values=registers, datatype=DataType.REGISTERS)])
        server = ModbusTcpServer(device, address=("127.0.0.1", 0))
        await server.listen()
        port = server.transport.sockets[0].getsockname()[1]
        line = Modbus(TcpChannel("127.0.0.1", port))
        assert struct.unpack(">f", await line.read(7, 3, 100, 2)) == (POWER,)
        await line.write(7, 16, 100, struct.pack(">f", 0.25))
        assert struct.unpack(">f", await line.read(7, 3, 100, 2)) == (0.25,)
        line.close()
        await server.shutdown()

    asyncio.run(story())

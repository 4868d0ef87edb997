"""rctclient asks and commands the emulated storage; its simulator is read and commanded by our driver."""

import asyncio
import logging
import socket
import threading
from typing import Any

import pytest
from rctclient.frame import ReceiveFrame, make_frame
from rctclient.registry import REGISTRY
from rctclient.simulator import socket_thread
from rctclient.types import Command
from rctclient.utils import decode_value, encode_value

from controller.drivers.rct import RctPowerStorageAc
from rigs.loopback import LoopbackRig
from rigs.physical import RealClock, Stream, TcpChannel


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> Any:
    point = REGISTRY.get_by_name(name)
    writer.write(make_frame(Command.READ, point.object_id))
    frame = ReceiveFrame()
    while not frame.complete():
        frame.consume(await reader.read(256))
    return decode_value(point.response_data_type, frame.data)


def told(writer: asyncio.StreamWriter, name: str, value: Any) -> None:
    point = REGISTRY.get_by_name(name)
    writer.write(make_frame(Command.WRITE, point.object_id, encode_value(point.request_data_type, value)))


def test_rctclient_reads_the_emulated_storage_and_makes_it_charge():
    async def story() -> None:
        async with LoopbackRig(pace=0) as rig:
            await rig.emulate(47, "tcp")
            served, device = rig.served[0], rig.installations[0].main
            device.twin.set("soc", 63.25)
            device.twin.set("battery_power", -2345.5)
            reader, writer = await asyncio.open_connection(served.host, served.port)
            assert await asked(reader, writer, "battery.soc") == pytest.approx(0.6325, abs=1e-4)
            assert await asked(reader, writer, "g_sync.p_acc_lp") == -2345.5
            assert await asked(reader, writer, "android_description") == "RCT Power Storage"
            told(writer, "power_mng.battery_power_extern", -1500.0)
            told(writer, "power_mng.use_grid_power_enable", True)
            told(writer, "power_mng.soc_strategy", 2)
            assert await asked(reader, writer, "power_mng.soc_strategy") == 2
            assert device.twin.truth()["battery_power"] == -1500.0
            writer.close()
            await writer.wait_closed()

    asyncio.run(story())


def test_the_simulator_of_rctclient_is_read_and_commanded(caplog):
    caplog.set_level(logging.INFO)

    async def story() -> tuple[Any, Any]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            server = threading.Thread(target=lambda: socket_thread(*listening.accept()))
            server.start()
            line = Stream(TcpChannel("127.0.0.1", listening.getsockname()[1]))
            driver = RctPowerStorageAc(line, RealClock(), row=47)
            identity, reading = await driver.identify(), dict(await driver.read())
            await driver.charge(1000.0)
            line.close()
            await asyncio.to_thread(server.join)
            return identity, reading

    identity, reading = asyncio.run(story())
    assert (identity.serial, reading["status"], reading["soc"]) == ("ABCDEFG", "standby", 0.0)
    writes = [record.message for record in caplog.records if record.message.startswith("Write")]
    assert [write.split("-> ")[1] for write in writes] == ["-1000.0", "True", "2"]

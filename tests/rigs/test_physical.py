"""The controller's real lines: what they need, what they notice, what they refuse."""

import asyncio
import os
import socket
import subprocess
import sys
import tty

import pytest

from controller.errors import ConfigurationError, Garbled, LineClosed, LineTimeout
from rigs.physical import FileContacts, Modbus, SerialChannel, Shared, Stream, TcpChannel, Web, Wiring, line_for


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as free:
        free.bind((host, 0))
        return free.getsockname()[1]


def test_the_physical_rig_starts_without_simulation_twin_and_emulators():
    program = (
        "import sys, rigs.physical, rigs.sites;"
        "print([name for name in ('simpy', 'twin', 'emulators', 'pymodbus') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_serial_line_reads_and_writes_a_pty_and_notices_when_it_is_gone():
    async def story() -> None:
        master, slave = os.openpty()
        tty.setraw(slave)
        line = Stream(SerialChannel(os.ttyname(slave), baud=19200, parity="E"))
        await line.send(b"hello")
        assert os.read(master, 5) == b"hello"
        os.write(master, b"\x00\xffworld")
        assert await line.receive(1) == b"\x00\xffworld"
        os.close(master)
        began = asyncio.get_running_loop().time()
        with pytest.raises(LineClosed):
            await line.receive(1)
        assert asyncio.get_running_loop().time() - began < 0.1
        os.close(slave)
        with pytest.raises(LineClosed, match="cannot open"):
            await line.send(b"again")

    asyncio.run(story())


def test_nobody_at_the_port_is_a_closed_line_that_names_the_address():
    port = free_port()
    with pytest.raises(LineClosed, match=f"127.0.0.1:{port}"):
        asyncio.run(Modbus(TcpChannel("127.0.0.1", port)).read(1, 3, 0, 1))


def test_two_processes_share_a_real_line_in_turns():
    async def story() -> list[int]:
        asked: list[int] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while request := await reader.read(300):
                assert len(request) == 12, "two requests at once"
                asked.append(int.from_bytes(request[:2], "big"))
                writer.write(request[:2] + bytes.fromhex("00000005010302") + request[8:10])
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        line = Modbus(TcpChannel("127.0.0.1", server.sockets[0].getsockname()[1]))
        answers = await asyncio.gather(*(line.read(1, 3, address, 1) for address in (7, 8, 9, 40000)))
        assert [int.from_bytes(answer, "big") for answer in answers] == [7, 8, 9, 40000]
        line.close()
        server.close()
        await asyncio.sleep(0.01)
        return asked

    assert asyncio.run(story()) == [1, 2, 3, 4]


def test_contacts_in_files_are_closed_open_or_unreadable(tmp_path):
    (tmp_path / "k1").write_text("1\n")
    (tmp_path / "k2").write_text("0\n")
    (tmp_path / "k3").write_text("broken")
    files = [tmp_path / name for name in ("k1", "k2", "k3", "k4")]
    assert asyncio.run(FileContacts(files).read()) == (True, False, None, None)
    assert asyncio.run(FileContacts(files, active_low=True).read()) == (False, True, None, None)


def answering(text: bytes):
    """A server that says `text` to everybody and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(text)
        writer.close()

    return serve


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"", LineClosed),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", LineClosed),
        (b"\x0b\x30\x55\r\n\r\n", Garbled),
    ],
)
def test_http_answers_that_are_none_are_typed_errors(text, error):
    async def story() -> None:
        server = await asyncio.start_server(answering(text), "127.0.0.1", 0)
        web = Web(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(error):
            await web.request("GET", "/")
        await web.aclose()
        server.close()
        await asyncio.sleep(0.01)

    asyncio.run(story())


def test_a_datagram_goes_to_the_line_of_the_device_that_sent_it():
    async def story() -> None:
        port, shared = free_port(), Shared()
        devices = []
        for host in ("127.91.0.1", "127.91.0.2"):
            device = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            device.bind((host, port))
            devices.append(device)
        one, two = (line_for("udp", Wiring(f"127.91.0.{n}", port), shared=shared) for n in (1, 2))
        await one.send(b"report 2")
        await two.send(b"report 3")
        question, asker = devices[0].recvfrom(100)
        devices[0].sendto(b"from one", asker)
        devices[1].sendto(b"from two", asker)
        assert (question, asker[1]) == (b"report 2", port)
        assert (await one.receive(1), await two.receive(1)) == (b"from one", b"from two")
        with pytest.raises(LineTimeout):
            await one.receive(0.05)
        for each in (one, two, *devices):
            each.close()
        await asyncio.sleep(0)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("protocol", "wiring", "key"),
    [
        ("modbus-tcp", Wiring(), "line.host"),
        ("modbus-rtu", Wiring(), "line.device"),
        ("modbus-rtu", Wiring(device="/dev/ttyUSB0", parity="X"), "line.parity"),
        ("modbus-rtu", Wiring(device="/dev/ttyUSB0", stop=3), "line.stop"),
        ("contacts", Wiring(), "line.files"),
        ("telepathy", Wiring(), "protocol"),
    ],
)
def test_a_wiring_that_lacks_something_is_a_configuration_error_that_names_the_key(protocol, wiring, key):
    with pytest.raises(ConfigurationError) as error:
        line_for(protocol, wiring)
    assert error.value.key == key

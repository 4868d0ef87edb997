"""Devices as pytest fixtures: a foreign client meets what a test has set, and nothing stays behind."""

import socket
import threading
from pathlib import Path

import httpx
import pytest
from pymodbus.client import ModbusSerialClient, ModbusTcpClient

from controller.errors import ConfigurationError
from rigs.background import Ground

pytest_plugins = "pytester"

HOUSE = Path(__file__).parents[2] / "examples" / "house.toml"


def test_a_foreign_client_reads_over_tcp_what_the_test_has_set(hem_device):
    roof = hem_device(1, model="STP 8.0", power=7_654)
    assert roof.host.startswith("127.")
    with ModbusTcpClient(roof.host, port=roof.port) as client:
        found = client.read_holding_registers(30775, count=2, device_id=roof.unit)
        assert client.convert_from_registers(found.registers, client.DATATYPE.INT32) == 7_654
    roof.set(power=-12)
    assert roof.truth()["power"] == -12


def test_a_foreign_client_reads_and_writes_over_a_serial_line(hem_device):
    meter = hem_device(112, power=-70_000.5)
    with ModbusSerialClient(meter.pty, baudrate=meter.serial.baud) as client:
        found = client.read_input_registers(0x34, count=2, device_id=1)
        assert client.convert_from_registers(found.registers, client.DATATYPE.FLOAT32) == -70_000.5
        client.write_registers(0x1C, client.convert_to_registers(3.0, client.DATATYPE.FLOAT32), device_id=1)
    assert [(write["target"], write["value"], write["accepted"]) for write in meter.writes()] == [(0x1C, 3.0, True)]


def test_a_wallbox_answers_where_its_clients_expect_it(hem_device):
    box = hem_device(65, "udp")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind(("127.0.0.1", 7090))
        client.settimeout(5)
        client.sendto(b"report 1", (box.host, box.port))
        assert b'"Product"' in client.recv(2000)


def test_prices_are_served_over_http(hem_device):
    tariff = hem_device(147)
    assert httpx.get(f"http://{tariff.address}/v1/marketdata").json()["data"]


def test_a_fault_is_seen_by_the_client_until_it_is_switched_off(hem_device):
    roof = hem_device(1, power=5_000)
    roof.fault_on("exception", code=4)
    with ModbusTcpClient(roof.host, port=roof.port) as client:
        assert client.read_holding_registers(30775, count=2, device_id=roof.unit).isError()
        roof.fault_off("exception")
        assert not client.read_holding_registers(30775, count=2, device_id=roof.unit).isError()


def test_a_restart_loses_the_connection(hem_device):
    roof = hem_device(1)
    with socket.create_connection((roof.host, roof.port), timeout=5) as client:
        client.send(bytes.fromhex("0001 0000 0006 03 03 7837 0002"))
        assert client.recv(100)[7:9] == b"\x03\x04"
        roof.fault_on("reboot")
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_what_only_a_person_can_do_is_done_by_the_test(hem_device):
    box = hem_device(65, "modbus-tcp")
    before = box.truth()["plugged"]
    box.operator("unplug" if before else "plug")
    assert box.truth()["plugged"] is not before


def test_wrong_wishes_are_named(hem_device):
    with pytest.raises(ConfigurationError, match="unknown row 149"):
        hem_device(149)
    with pytest.raises(ConfigurationError, match="row 112 speaks modbus-rtu, not 'udp'"):
        hem_device(112, "udp")
    with pytest.raises(ConfigurationError, match="unknown quantity 'colour'"):
        hem_device(112, colour=3)
    meter = hem_device(112)
    with pytest.raises(ConfigurationError, match="unknown fault 'flu'"):
        meter.fault_on("flu")
    with pytest.raises(ConfigurationError, match="no action 'sing'"):
        meter.operator("sing")


def test_two_of_a_kind_are_told_apart(hem_device):
    one, two = hem_device(8, unit=7, power=1_234), hem_device(8, power=-56)
    assert (one.host, one.unit) != (two.host, two.unit)
    assert (one.truth()["power"], two.truth()["power"]) == (1_234, -56)


def test_a_house_stands_with_all_its_devices(hem_site):
    house = hem_site(HOUSE)
    assert {"roof", "battery", "wallbox", "grid", "rod", "operator", "prices"} <= set(house)
    with ModbusTcpClient(house["roof"].host, port=house["roof"].port) as client:
        assert not client.read_holding_registers(30775, count=2, device_id=house["roof"].unit).isError()
    assert house["grid"].truth()["power"] is not None


def test_nothing_stays_behind():
    ground = Ground()
    meter = ground.device(112)
    roof = ground.device(1)
    client = socket.create_connection((roof.host, roof.port), timeout=5)
    ground.close()
    ground.close()
    assert "hemtwin devices" not in {thread.name for thread in threading.enumerate()}
    assert not Path(meter.pty).exists()
    client.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((roof.host, roof.port), timeout=5)


def test_the_fixtures_are_there_for_any_project(pytester):
    pytester.makepyfile("""
        import socket

        def test_the_inverter_listens(hem_device):
            roof = hem_device(1, power=7_654)
            socket.create_connection((roof.host, roof.port), timeout=5).close()
            assert roof.truth()["power"] == 7_654
    """)
    pytester.runpytest_subprocess("-W", "error").assert_outcomes(passed=1)

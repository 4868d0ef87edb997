"""How another controller is tested against emulated devices: `pytest examples/ci` with hemtwin installed.

`MyController` stands for yours, in whatever language it is: start it, give it host and port, ask what it does.
"""

import pytest
from pymodbus.client import ModbusTcpClient


class MyController:
    """Reads and limits a Sungrow string inverter: power in input register 5030, limit in holding register 5006."""

    def __init__(self, host: str, port: int, unit: int) -> None:
        self.client, self.unit = ModbusTcpClient(host, port=port, timeout=1, retries=0), unit

    def power(self) -> int | None:
        """W, None when the inverter does not answer properly."""
        answer = self.client.read_input_registers(5030, count=2, device_id=self.unit)
        if answer.isError():
            return None
        low, high = answer.registers
        return high << 16 | low

    def limit(self, percent: float) -> None:
        self.client.write_registers(5006, [0xAA, round(percent * 10)], device_id=self.unit)


@pytest.fixture
def inverter(hem_device):
    return hem_device(30, "modbus-tcp", model="SG10RT", power=7_654)


@pytest.fixture
def controller(inverter):
    mine = MyController(inverter.host, inverter.port, inverter.unit)
    with mine.client:
        yield mine


def test_it_reads_what_the_inverter_feeds(controller, inverter):
    assert controller.power() == 7_654
    inverter.set(power=70_001)
    assert controller.power() == 70_001


def test_its_limit_reaches_the_inverter(controller, inverter):
    controller.limit(30)
    assert inverter.truth()["power_limit"] == 3_000
    assert inverter.truth()["power"] == 3_000
    assert all(write["accepted"] for write in inverter.writes())


def test_it_takes_no_number_from_an_inverter_in_trouble(controller, inverter):
    inverter.fault_on("exception", code=4)
    assert controller.power() is None
    inverter.fault_off("exception")
    assert controller.power() == 7_654


def test_every_inverter_has_an_address_of_its_own(hem_device):
    one, two = hem_device(30, "modbus-tcp", power=1_000), hem_device(1, power=2_000)
    assert one.host != two.host

"""Where the devices of a site are reached: its lines, and what is said when they cannot be opened as written."""

import pytest

from controller.errors import ConfigurationError
from controller.installation import controller
from controller.sitefile import Site, check
from rigs.physical import Datagrams, Modbus, RealClock, Stream, Web, Wiring
from rigs.sites import lines, wiring_of

METER = {"name": "grid", "row": 112, "function": "grid-meter"}


def site(*devices: dict, **place: object) -> Site:
    return check({"site": place, "device": list(devices or [METER])}, "here.toml")


def test_lines_are_made_for_the_protocols_and_shared_on_one_serial_device():
    bus = {"device": "/dev/ttyUSB7", "baud": 9600}
    found = lines(
        site(
            {**METER, "line": bus},
            {"name": "pv meter", "row": 112, "unit": 2, "line": bus},
            {"name": "wallbox", "row": 65, "protocol": "udp", "line": {"host": "192.168.10.13"}},
            {"name": "prices", "row": 147, "line": {"url": "https://api.awattar.de"}},
        )
    )
    assert [type(line) for line, _ in found] == [Modbus, Datagrams, Web]
    assert [[device.name for device in devices] for _, devices in found] == [
        ["grid", "pv meter"],
        ["wallbox"],
        ["prices"],
    ]


def test_a_serial_line_of_which_nothing_is_said_is_set_as_the_device_leaves_its_factory():
    said = site({"name": "box", "row": 75, "line": {"device": "/dev/ttyUSB0", "stop": 2}})
    assert wiring_of(said.device[0]) == Wiring(device="/dev/ttyUSB0", baud=19200, parity="E", stop=2)


def test_a_relay_board_has_a_port_of_its_own_or_a_serial_one():
    lan = site({"name": "pump", "row": 135, "line": {"host": "192.168.1.199"}})
    assert wiring_of(lan.device[0]) == Wiring(host="192.168.1.199", port=12345)
    assert wiring_of(site({"name": "pump", "row": 135, "line": {"host": "::1", "port": 4711}}).device[0]).port == 4711
    usb = site({"name": "pump", "row": 135, "line": {"device": "/dev/ttyUSB3"}, "relays": {"board": "usb"}})
    assert [type(line) for line, _ in lines(usb)] == [Stream]


def test_a_gateway_with_transaction_ids_of_its_own_is_the_installers_word():
    said = site({"name": "roof", "row": 18, "line": {"host": "192.168.10.14", "any_transaction": True}})
    assert wiring_of(said.device[0]).any_transaction
    assert not wiring_of(site({"name": "roof", "row": 18, "line": {"host": "192.168.10.14"}}).device[0]).any_transaction


@pytest.mark.parametrize(
    ("wires", "key"),
    [
        ([{}], "device[0].line.device"),
        ([{"device": "/dev/a"}, {"device": "/dev/a", "baud": 19200}], "device[1].line"),
    ],
)
def test_lines_that_cannot_be_opened_as_written_are_configuration_errors(wires, key):
    devices = [{"name": f"meter {number}", "row": 112, "line": line} for number, line in enumerate(wires)]
    with pytest.raises(ConfigurationError) as error:
        lines(site(*devices))
    assert error.value.key == key


def test_members_are_built_through_the_level_gate():
    devices = {"name": "rod", "row": 136, "line": {"host": "192.168.10.14"}}
    house = site({**METER, "line": {"device": "/dev/ttyUSB0"}}, devices)
    hem = controller(house, lines(house), RealClock())
    assert [[member.name for member in line] for line in hem.lines] == [["grid"], ["rod"]]
    with pytest.raises(ConfigurationError, match="needs HEM firmware level"):
        old = site({"name": "sun", "row": 3, "line": {"host": "192.168.10.2"}}, firmware="2.0.0")
        controller(old, lines(old), RealClock())

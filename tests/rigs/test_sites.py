"""Site files: what they say, and what is said about every mistake."""

from pathlib import Path

import pytest

from controller.errors import ConfigurationError
from rigs import sites
from rigs.physical import Datagrams, Modbus, RealClock, Web, Wiring

EXAMPLE = Path(__file__).parents[2] / "examples" / "house.toml"
METER = {"name": "grid", "row": 112, "function": "grid-meter"}


def site(*devices: dict, **place: object) -> sites.Site:
    return sites.check({"site": place, "device": list(devices or [METER])}, "here.toml")


def test_the_example_house_has_one_of_each():
    house = sites.load(EXAMPLE)
    assert [(device.row, device.function) for device in house.device] == [
        (1, "pv"), (53, "battery"), (65, "charger"), (112, "grid-meter"), (136, "heater"), (143, "ripple"),
        (147, "tariff"),
    ]  # fmt: skip
    assert house.device[0].model == "STP 8.0"
    assert str(house.level) == "3.0.0"
    assert house.ripple().of((False, True, False, False)) == 60


def test_what_a_device_does_not_say_comes_from_the_list():
    (device,) = site({"name": "sun", "row": 7}).device
    assert (device.protocol, device.function, device.model) == ("modbus-tcp", "pv", "SE XXXX")


@pytest.mark.parametrize(
    ("device", "key", "expectation"),
    [
        ({"row": 112}, "device[0].name", "is missing"),
        ({**METER, "row": 149}, "device[0].row", "expected 1 to 148"),
        ({**METER, "row": "first"}, "device[0].row", "found 'first'"),
        ({**METER, "protocol": "http"}, "device[0].protocol", "row 112 has modbus-rtu, not 'http'"),
        ({**METER, "model": "SDM72"}, "device[0].model", "expected one of SDM630"),
        ({**METER, "function": "pv"}, "device[0].function", "meter or grid-meter, not 'pv'"),
        ({**METER, "colour": "grey"}, "device[0].colour", "is no known key"),
        ({**METER, "of": ["roof"]}, "device[0].of", "there is no 'roof'"),
        ({**METER, "line": {"port": 0}}, "device[0].line.port", "found 0"),
        ({**METER, "line": {"parity": "X"}}, "device[0].line.parity", "found 'X'"),
        ({"name": "box", "row": 143, "patterns": {"10": 5}}, "device[0].patterns", "four digits 0 or 1, not '10'"),
        ({"name": "box", "row": 143, "patterns": {"0100": 160}}, "device[0].patterns.0100", "found 160"),
        ({"name": "sun", "row": 1, "tilt": -5}, "device[0].tilt", "found -5"),
    ],
)
def test_a_mistake_in_a_device_is_named_with_file_key_path_and_expectation(device, key, expectation):
    with pytest.raises(ConfigurationError) as error:
        site(device)
    assert (error.value.file, error.value.key) == ("here.toml", key)
    assert expectation in error.value.expectation


def test_mistakes_of_the_whole_site_are_named_too():
    for devices, place, key in (
        ([METER, METER], {}, "device.name"),
        ([METER, {**METER, "name": "second"}], {}, "device.function"),
        ([METER], {"firmware": "2.5"}, "site.firmware"),
        ([METER], {"latitude": 91}, "site.latitude"),
    ):
        with pytest.raises(ConfigurationError) as error:
            site(*devices, **place)
        assert error.value.key == key
    with pytest.raises(ConfigurationError, match="device"):
        sites.check({"device": []})


def test_a_file_that_is_none_or_no_toml_says_so(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        sites.load(tmp_path / "nowhere.toml")
    (tmp_path / "broken.toml").write_text("[site\n")
    with pytest.raises(ConfigurationError, match=r"broken\.toml: is no TOML"):
        sites.load(tmp_path / "broken.toml")


def test_lines_are_made_for_the_protocols_and_shared_on_one_serial_device():
    bus = {"device": "/dev/ttyUSB7", "baud": 9600}
    found = sites.lines(
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
    assert said.device[0].wiring == Wiring(device="/dev/ttyUSB0", baud=19200, parity="E", stop=2)


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ([{}], "device[0].line.device"),
        ([{"device": "/dev/a"}, {"device": "/dev/a", "baud": 19200}], "device[1].line"),
    ],
)
def test_lines_that_cannot_be_opened_as_written_are_configuration_errors(lines, key):
    devices = [{"name": f"meter {number}", "row": 112, "line": line} for number, line in enumerate(lines)]
    with pytest.raises(ConfigurationError) as error:
        sites.lines(site(*devices))
    assert error.value.key == key


def test_members_are_built_through_the_level_gate():
    devices = {"name": "rod", "row": 136, "line": {"host": "192.168.10.14"}}
    house = site({**METER, "line": {"device": "/dev/ttyUSB0"}}, devices)
    grouped = sites.members(house, sites.lines(house), RealClock())
    assert [[member.name for member in line] for line in grouped] == [["grid"], ["rod"]]
    with pytest.raises(ConfigurationError, match="needs HEM firmware level"):
        old = site({"name": "sun", "row": 3, "line": {"host": "192.168.10.2"}}, firmware="2.0.0")
        sites.members(old, sites.lines(old), RealClock())

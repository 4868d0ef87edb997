"""Site files: what they say, and what is said about every mistake."""

from pathlib import Path

import pytest

from controller.errors import ConfigurationError
from controller.sitefile import Site, check, load

EXAMPLE = Path(__file__).parents[2] / "examples" / "house.toml"
METER = {"name": "grid", "row": 112, "function": "grid-meter"}


def site(*devices: dict, **place: object) -> Site:
    return check({"site": place, "device": list(devices or [METER])}, "here.toml")


def test_the_example_house_has_one_of_each():
    house = load(EXAMPLE)
    assert [(device.row, device.function) for device in house.device] == [
        (1, "pv"), (53, "battery"), (65, "charger"), (112, "grid-meter"), (136, "heater"), (143, "ripple"),
        (147, "tariff"),
    ]  # fmt: skip
    assert house.device[0].model == "STP 8.0"
    assert str(house.level) == "3.0.0"
    assert house.device[5].patterns["0100"] == 60
    assert house.site.time_zone == "Europe/Berlin"


def test_what_a_device_does_not_say_comes_from_the_list():
    (device,) = site({"name": "sun", "row": 7}).device
    assert (device.protocol, device.function, device.model) == ("modbus-tcp", "pv", None)


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
        ({**METER, "line": 3}, "device[0].line", "expected a table, found 3"),
        ({**METER, "name": 3}, "device[0].name", "expected a text in quotes, found 3"),
        ({**METER, "row": 1.5}, "device[0].row", "expected a whole number, found 1.5"),
        ({**METER, "line": {"port": "a"}}, "device[0].line.port", "expected a whole number, found 'a'"),
        ({"name": "sun", "row": 1, "tilt": "steep"}, "device[0].tilt", "expected a number, found 'steep'"),
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
        ([METER], {"time_zone": "Europe/Neustadt"}, "site.time_zone"),
        ([METER], {"time_zone": "Europe"}, "site.time_zone"),
        ([METER], {"time_zone": "../etc/passwd"}, "site.time_zone"),
    ):
        with pytest.raises(ConfigurationError) as error:
            site(*devices, **place)
        assert error.value.key == key
    with pytest.raises(ConfigurationError, match="device"):
        check({"device": []})
    with pytest.raises(ConfigurationError, match="device: expected a list, found 3"):
        check({"device": 3})
    with pytest.raises(ConfigurationError, match="site: expected a table, found 3"):
        check({"site": 3, "device": [METER]})


def test_a_file_that_is_none_or_no_toml_says_so(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path / "nowhere.toml")
    (tmp_path / "broken.toml").write_text("[site\n")
    with pytest.raises(ConfigurationError, match=r"broken\.toml: is no TOML"):
        load(tmp_path / "broken.toml")

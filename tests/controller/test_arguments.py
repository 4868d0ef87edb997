"""What an installer says of a device reaches its driver, and what no driver wants is named with file and key."""

from typing import Any

import pytest

from controller.errors import ConfigurationError
from controller.explain import missing
from controller.installation import controller
from controller.sitefile import Site, check
from rigs.simulated import SimClock, environment


def site(**device: Any) -> Site:
    return check({"site": {"firmware": "3.1.0"}, "device": [{"name": "it", **device}]}, "here.toml")


def run(house: Site) -> Any:
    line: Any = None  # nothing is asked before the controller runs
    return controller(house, [(line, house.device)], SimClock(environment()))


def built(house: Site) -> Any:
    return run(house).members["it"].driver


def test_a_token_and_a_home_reach_the_price_service() -> None:
    driver = built(site(row=146, tariff={"token": "5K4MVS", "home": "Flat"}))
    assert (driver._api._headers["Authorization"], driver._api._home) == ("Bearer 5K4MVS", "Flat")


def test_a_serial_number_reaches_the_meter_as_before() -> None:
    assert built(site(row=105, protocol="sml", serial="1 DZG 00 42081950"))._wanted == "1 DZG 00 42081950"


def test_a_rating_and_the_numbers_of_relays_reach_a_heat_pump_and_a_rating_alone_is_no_mistake_elsewhere() -> None:
    driver = built(site(row=135, rated_power=3200, relays={"k1": 7, "k2": 8}))
    assert (driver._rated, driver._numbers) == (3200, (7, 8))
    built(site(row=147, rated_power=3200))


def test_a_token_is_shown_to_nobody() -> None:
    house = site(row=146, tariff={"token": "5K4MVS"})
    assert "5K4MVS" not in repr(house) + house.model_dump_json()


@pytest.mark.parametrize(
    ("device", "key", "expectation"),
    [
        ({"row": 147, "tariff": {"token": "5K4MVS"}}, "device[0].tariff.token", "row 147 has no use for it"),
        ({"row": 148, "tariff": {"zone": "AT"}}, "device[0].tariff.zone", "DE-LU, the only price zone"),
        ({"row": 148, "tariff": {"provider": "entso-e"}}, "device[0].tariff.token", "security token"),
        ({"row": 112, "serial": "7"}, "device[0].serial", "row 112 has no use for it"),
    ],
)
def test_what_a_driver_does_not_take_is_said_with_file_and_key(
    device: dict[str, Any], key: str, expectation: str
) -> None:
    with pytest.raises(ConfigurationError) as error:
        built(site(**device))
    assert (error.value.file, error.value.key) == ("here.toml", key)
    assert expectation in error.value.expectation


def test_what_an_installer_has_not_said_yet_is_told_before_anything_runs() -> None:
    for number, word in ((145, "tariff.token"), (135, "rated_power")):
        house = site(row=number)
        assert any(word in each for each in missing(house, run(house)))
    for house in (site(row=145, tariff={"token": "5K4MVS"}), site(row=135, rated_power=3200)):
        assert not [each for each in missing(house, run(house)) if each.startswith("it:")]

"""What a driver can be told is of its kind: a helper that bears the name of a command would be given as one."""

import pytest

from controller.devices import Driver
from controller.drivers.serving import drivers
from controller.members import ASPECTS

OF = {
    "pv-inverter": {"feed_in", "battery"},  # some have one on the DC side
    "battery-inverter": {"feed_in", "battery"},
    "charging-station": {"current"},
    "direct-marketing": {"feed_in"},
    "heating-rod": {"load"},
    "heat-pump": {"load"},
    "electrolyser": {"load"},
    "chp": {"load"},
    "fuel-cell": {"load"},
}


@pytest.mark.parametrize("driver", drivers(), ids=lambda driver: driver.__name__)
def test_a_driver_has_the_commands_of_its_kind_and_no_others(driver: type[Driver]):
    found = {aspect for command, aspect in ASPECTS.items() if hasattr(driver, command)}
    assert found <= OF.get(driver.kind, set())

"""pytest plugin: emulated devices of the list as fixtures, for the tests of any controller in any language.

    def test_my_controller_reads_the_inverter(hem_device):
        inverter = hem_device(30, "modbus-tcp", model="SG10RT", power=7_654)
        assert MyController(inverter.host, inverter.port).power() == 7_654

The devices answer on real sockets and ptys of this machine while the test runs; see `rigs.background.Standing` for what
a test can ask of them.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:  # nothing is imported in test runs that use no device
    from rigs.background import Ground, Standing


class DeviceFactory(Protocol):
    """What `hem_device` is: a row of the list, and how it is wanted. `truth`: quantities it begins with."""

    def __call__(
        self, row: int, protocol: str | None = None, model: str | None = None, unit: int | None = None, **truth: Any
    ) -> "Standing": ...


@pytest.fixture
def _hem_ground() -> Iterator["Ground"]:
    from rigs.background import Ground

    ground = Ground()
    yield ground
    ground.close()


@pytest.fixture
def hem_device(_hem_ground: "Ground") -> DeviceFactory:
    """Factory of emulated devices: `hem_device(row, protocol=None, model=None, unit=None, **truth)`."""
    return _hem_ground.device


@pytest.fixture
def hem_site(_hem_ground: "Ground") -> Callable[[str | Path], Mapping[str, "Standing"]]:
    """Factory of whole houses: `hem_site("house.toml")` gives the site file's devices by name."""
    return _hem_ground.site

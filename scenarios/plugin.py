"""pytest plugin: emulated devices of the list as fixtures, for the tests of any controller in any language.

    def test_my_controller_reads_the_inverter(hem_device):
        inverter = hem_device(30, "modbus-tcp", model="SG10RT", power=7_654)
        assert MyController(inverter.host, inverter.port).power() == 7_654

Real devices stand on a bench, see docs/bench.md; `--hem-bench FILE` names its file. A test that needs one is marked,
and left out where there is no such place:

    @pytest.mark.hem_real("roof")
    def test_the_roof_says_what_it_feeds(hem_place):
        assert hem_place("roof").read()["power"] >= 0

The devices answer on real sockets and ptys of this machine while the test runs; see `rigs.background.Standing` for what
a test can ask of them.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:  # nothing is imported in test runs that use no device
    from rigs.background import Ground, Standing
    from rigs.bench.sitting import Sitting, Taken


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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--hem-bench", metavar="FILE", help="bench file with the real devices of tests that want some")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "hem_real(*places): needs these real places of the bench file of --hem-bench")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that need a real place are left out where the bench file has none."""
    wanting = [item for item in items if item.get_closest_marker("hem_real")]
    if not wanting:
        return
    file = config.getoption("--hem-bench")
    there = set()
    if file:
        from rigs.bench.benchfile import load

        there = {place.name for place in load(file).real}
    for item in wanting:
        marker = item.get_closest_marker("hem_real")
        lacking = [name for name in (marker.args if marker else ()) if name not in there]
        if lacking or not file:
            where = file or "no --hem-bench"
            item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(lacking) or 'a bench'}: {where}"))


@pytest.fixture(scope="session")
def _hem_bench_file(request: pytest.FixtureRequest) -> str:
    file: str | None = request.config.getoption("--hem-bench")
    if not file:
        raise pytest.UsageError("hem_bench and hem_place need --hem-bench FILE")
    return file


@pytest.fixture
def hem_bench(_hem_bench_file: str) -> Iterator["Sitting"]:
    """The bench file's devices behind their guards; what the test has written is put back after it."""
    from rigs.bench.sitting import Sitting

    sitting = Sitting(_hem_bench_file)
    try:
        yield sitting
    finally:
        sitting.close()


@pytest.fixture
def hem_place(hem_bench: "Sitting") -> "Callable[[str], Taken]":
    """A place of the bench by its name: `hem_place("roof").read()`."""
    return hem_bench.place

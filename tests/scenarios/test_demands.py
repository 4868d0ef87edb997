"""What is demanded of a driver is missed: each command and each quantity taken away in turn turns its row red."""

from functools import cache
from itertools import chain
from typing import Any

import pytest

from controller.drivers.serving import claims
from emulators.family.profile import profile_for
from scenarios.bench.bench import Bench
from scenarios.bench.demands import COMMANDS, contract, exempted, exemptions
from scenarios.bench.record import NotApplicable
from scenarios.bench.story import Story
from scenarios.campaign.cases import Case, run
from scenarios.campaign.every import story
from scenarios.stories.alternatives import device, entries
from scenarios.stories.reading import fit_meter

NOTICING = {"release": ("release",), "limit_power": ("follow", "curtail")}  # the cheapest story that should
MOST = 40  # exceptions in the whole project

Judged = tuple[type[Any], int, str]


def judged() -> list[Judged]:
    """Each driver class once, on the first row that it serves."""
    first: dict[type[Any], Judged] = {}
    for (row, protocol), (driver, *_) in sorted(claims().items()):
        if profile_for(row, protocol) is not None:
            first.setdefault(driver, (driver, row, protocol))
    return list(first.values())


JUDGED = pytest.mark.parametrize(
    ("driver", "row", "protocol"), judged(), ids=lambda each: getattr(each, "__name__", str(each))
)


@cache
def found(driver: type[Any], row: int, protocol: str) -> frozenset[str]:
    """Quantities of the contract that the driver delivers, as the device is delivered or set up elsewhere."""
    bench = Bench(row, protocol)
    told = {name for each in (bench, *(device(bench, entry) for entry in entries(bench))) for name in _told(each)}
    return frozenset(told & {*contract(bench.section), *bench.kind.demanded})


def _told(bench: Bench) -> set[str]:
    reading: dict[str, Any] = {}

    async def look(bench: Bench) -> None:
        bench.kind.ready(bench)
        bench.set_telling(0)
        fit_meter(bench)
        await bench.attempt(bench.identify)
        await bench.sleep(1.1)
        answer = await bench.attempt(bench.read)
        reading.update(answer if not isinstance(answer, Exception) else {})

    bench.tell(look)
    return {name for name, value in reading.items() if value is not None}


def without_quantity(driver: type[Any], name: str) -> type[Any]:
    async def read(self: Any) -> dict[str, Any]:
        return {each: value for each, value in (await driver.read(self)).items() if each != name}

    return type("Forgetful", (driver,), {"read": read})


def noticed(row: int, protocol: str, broken: type[Any], *stories: str) -> bool:
    """Whether one of the stories turns red, of the device as it is delivered or as it is set up elsewhere."""
    delivered = Bench(row, protocol, driver=broken)
    benches = chain([delivered], (device(delivered, entry) for entry in entries(delivered)))
    told = [each for name in stories if (each := story(name)) and each.offered(row, delivered.kind, protocol)]
    return any(_red(bench, each) for bench in benches for each in told if not each.applies(bench))


def _red(bench: Bench, told: Story) -> bool:
    case = Case(bench.row.row, bench.protocol, bench.device.model, told.id)
    try:
        return run(case, told, bench, bench.profile.evidence).verdict == "fail"
    except NotApplicable:
        return False


@JUDGED
def test_each_quantity_that_is_not_read_any_more_turns_the_row_red(driver, row, protocol):
    profile = profile_for(row, protocol)
    names = [name for name in sorted(found(driver, row, protocol)) if not exempted(profile, row, name)]
    unmissed = [name for name in names if not noticed(row, protocol, without_quantity(driver, name), "read")]
    assert not unmissed
    assert names


@JUDGED
def test_each_command_that_is_gone_turns_the_row_red(driver, row, protocol):
    profile = profile_for(row, protocol)
    names = [name for name in COMMANDS if callable(getattr(driver, name, None)) and not exempted(profile, row, name)]
    unmissed = [
        name for name in names
        if not noticed(row, protocol, type("Lame", (driver,), {name: None}), *NOTICING.get(name, ("follow",)))
    ]  # fmt: skip
    assert not unmissed
    assert names or not Bench(row, protocol).controllable


def test_exceptions_are_few_and_each_has_its_reason_and_source():
    listed = list(exemptions())
    for file, rows, what, why in listed:
        print(f"{file} {', '.join(map(str, rows))}: {what}: {why}")
    assert len(listed) < MOST
    assert all(why and what for _, _, what, why in listed)

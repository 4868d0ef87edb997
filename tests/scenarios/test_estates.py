"""Whole houses: they are those of the examples, their judge judges, and their stories fail where a device does."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from controller.drivers.serving import driver_for
from scenarios.bench.estates import FARM, FARM_SITE, HOUSE, drawn
from scenarios.bench.judge import Bound
from scenarios.bench.record import Record
from scenarios.campaign.cases import Case, tell
from scenarios.stories.whole_houses import STORIES

EXAMPLES = Path(__file__).parents[2] / "examples"
TCP = "modbus-tcp"


def of_file(name: str) -> dict[str, Any]:
    data = tomllib.loads((EXAMPLES / name).read_text(encoding="utf-8"))
    for device in data["device"]:
        line = device.pop("line")
        if device["name"] == "stable":
            device["line"] = line
    return data


@pytest.mark.parametrize(("file", "devices"), [("house.toml", HOUSE), ("farm.toml", FARM)])
def test_the_houses_of_the_stories_are_those_of_the_examples(file: str, devices: tuple[dict[str, Any], ...]):
    assert of_file(file)["device"] == list(devices)


def test_the_farm_has_the_fuses_and_rules_of_its_example():
    data = of_file("farm.toml")
    assert data["site"]["fuse"] == FARM_SITE["fuse"]
    assert (data["fuse"], data["grid"]) == (FARM_SITE["fuses"], FARM_SITE["grid"])


def test_a_house_that_is_drawn_again_is_the_same_and_others_have_other_devices():
    assert drawn(4711) == drawn(4711)
    rows = {device["row"] for seed in range(40) for device in drawn(seed)}
    assert len(rows) > 40
    assert {143, 136} < rows


def test_what_is_above_a_bound_counts_from_when_it_came_there_or_the_bound_fell():
    flows = iter([5.0] * 3 + [12.0] * 4 + [9.0] * 2 + [12.0] * 4 + [3.0] * 10 + [12.0])
    bound = Bound("flow", lambda: next(flows), 10.0, within=5.0, slack=0.5)
    for second in range(13):
        bound.look(float(second))
    assert (bound.beyond, bound.worst, bound.at) == (4.0, 2.0, 9.0)  # two calm seconds end nothing
    bound.order(2.0, 13.0)
    for second in range(13, 23):
        bound.look(float(second))
    assert bound.beyond == 8.0  # 3 W above 2 W for more than 5 s
    bound.order(20.0, 23.0)
    bound.look(23.0)
    assert bound.beyond == 8.0


def test_who_cannot_be_reached_is_excused_until_he_can():
    bound = Bound("flow", lambda: 12.0, 10.0, within=5.0, slack=0.5, excused=lambda: second < 20)
    for second in range(30):
        bound.look(float(second))
    assert bound.beyond == 5.0


def planted(row: int, **attributes: Any) -> type[Any]:
    return type("Planted", (driver_for(row, TCP),), attributes)


async def ignored(self: Any, *_: Any) -> None:
    """Does not do what it is told."""


BROKEN = [
    ("energy-guard", 1, {"limit_power": ignored}),
    ("faults-of-an-inverter", 1, {"release": ignored}),
    ("zero-export", 53, {"limit_power": ignored}),
    ("batteries", 53, {"discharge": ignored}),
    ("fuses", 65, {"limit_current": ignored, "pause": ignored}),
    ("faults-of-a-station", 65, {"limit_current": ignored}),
    ("unbalance", 65, {"limit_current": ignored}),
]


@pytest.mark.parametrize(("story", "row", "broken"), BROKEN)
def test_a_device_that_does_not_do_what_it_is_told_fails_its_house(
    story: str, row: int, broken: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Record, "impatient", True)
    told = next(each for each in STORIES if each.id == f"estate/{story}")
    assert told.rows == {row}
    models = {1: "STP 4.0", 53: "SH5.0RT", 65: "P30 c-serie"}
    outcome = tell(Case(row, TCP, models[row], told.id), driver=planted(row, **broken))
    assert outcome.verdict == "fail", outcome.detail

"""Mutants: what comes of a break is computed, and a floor on a few families that are quick to judge."""

from dataclasses import replace
from typing import Any

import pytest

from controller.compatibility.rows import row
from controller.drivers.eastron import Sdm630
from scenarios.bench.ways import ways
from scenarios.mutation.fates import Found, Judged, counted, plain, share, told_of
from scenarios.mutation.mutants import Mutant, driver_mutants
from scenarios.mutation.pairs import Pair, pairs
from scenarios.mutation.scenes import noting, play, quick
from scenarios.mutation.strangers import Strangers
from scenarios.mutation.trial import of_driver, of_family


def pair(number: int, side: str) -> Pair:
    return next(each for each in pairs([row(number)]) if each.side == side)


def judged(number: int, point: str, change: str) -> Judged:
    """One break of the driver of a row."""

    def wanted(mutant: Mutant) -> bool:
        return (mutant.point, mutant.change) == (point, change)

    (found,) = of_driver(pair(number, "driver"), wanted).judged
    return found


@pytest.mark.parametrize("number", [112, 136])
def test_a_driver_is_above_its_floor_and_nothing_survives(number: int) -> None:
    found = of_driver(pair(number, "driver"))
    counts = counted(found.judged, "driver")
    assert share(counts) >= 97.0
    assert (counts["survived"], found.stale, found.red) == (0, [], [])


@pytest.mark.parametrize("number", [99, 112, 82])
def test_a_table_is_above_its_floor_and_every_row_is_read(number: int) -> None:
    found = of_family(pair(number, "emulator"))
    counts = counted(found.judged, "emulator")
    assert share(counts) >= 98.0
    assert (counts["survived"], counts["unexercised"]) == (0, 0)


def test_a_wrong_address_is_killed() -> None:
    assert judged(112, "power", "address +2").fate == "killed"


def test_a_break_that_changes_no_byte_and_no_reading_is_identical() -> None:
    """Water is never below zero in a rod."""
    assert judged(136, "water_temperature", "s16 as u16").fate == "identical"


def test_an_accepted_break_that_is_killed_is_stale() -> None:
    broken = ("Sdm630", "power", "address +2")
    found = of_driver(pair(112, "driver"), lambda mutant: mutant.point == "power", {broken: "never mind"})
    assert [each.partition(" by ")[0] for each in found.stale] == ["accepted Sdm630 power address +2: killed"]
    assert found.failed


def test_an_accepted_break_that_there_is_not_is_stale() -> None:
    found = of_driver(pair(112, "driver"), lambda mutant: False, {("Sdm630", "powr", "address +2"): "a slip"})
    assert found.stale == ["accepted Sdm630 powr address +2: no such break any more"]


def test_a_scene_is_the_same_twice_and_another_with_a_break_that_shows() -> None:
    scenes = {scene.story.id: scene for scene in quick(pair(112, "driver").cases)}
    mutant = next(each for each in driver_mutants(Sdm630, ()) if (each.point, each.change) == ("power", "scale x 10"))
    assert play(scenes["read"], Sdm630) == play(scenes["read"], Sdm630)
    broken = play(scenes["read"], mutant.driver)
    assert broken is not None and not broken.held


def test_all_that_a_driver_tells_is_noted() -> None:
    told: list[Any] = []
    scene = next(scene for scene in quick(pair(112, "driver").cases) if scene.story.id == "read")
    bench = scene.bench(noting(Sdm630, told))
    bench.tell(scene.story.tell)
    assert told[0].startswith("Identity(manufacturer='Eastron'")
    assert told[1]["power"] == pytest.approx(-4321.5, abs=1)


def test_only_cells_that_a_device_shows_are_broken() -> None:
    """The models of a shared table that no SMA inverter of this row has are nobody's."""
    family = pair(1, "emulator").profiles[0]
    strangers = Strangers(family, "modbus-tcp")
    alive = {word.origin for way in ways(family.file, "modbus-tcp") for word in way.words}
    assert {origin for _, origin in strangers.mutants()} - {None} <= alive


def test_the_score_counts_all_but_the_identical() -> None:
    def one(fate: str) -> Judged:
        return Judged(23, "modbus-tcp", "driver", "SungrowSG", (23, 24), "power", "address +1", fate)

    found = Found([one("killed")] * 97 + [one("identical")] * 50 + [one("masked"), one("accepted"), one("unexercised")])
    assert share(counted(found.judged, "driver")) == 97.0
    assert found.failed == []
    worse = Found([*found.judged, one("survived")])
    assert worse.failed == ["drivers: 96.04 % are fewer than 97 %", "drivers: 1 survived"]
    lines = list(told_of(found))
    assert lines[0].startswith("drivers") and "97.00 %" in lines[0]
    assert "MASKED driver SungrowSG power: address +1" in lines
    assert len(plain(found)["alive"]) == 53


def test_an_emulator_row_that_nobody_reads_fails_the_run() -> None:
    one = Judged(
        23, "modbus-tcp", "emulator", "sungrow/sg.toml", (23,), "5008 temperature", "scale x 10", "unexercised"
    )
    killed = replace(one, fate="killed")
    assert "emulators: 1 unexercised" in Found([one, *[killed] * 99]).failed

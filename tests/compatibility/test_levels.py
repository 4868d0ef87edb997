"""Levels gate rows, both ways."""

import pytest

from controller.compatibility.levels import LEVELS, Level, Requirement
from controller.errors import ConfigurationError


def test_levels_ascend_and_only_the_last_one_is_planned() -> None:
    assert [str(level) for level in LEVELS] == ["1.32.0", "2.0.0", "2.0.1", "2.0.2", "3.0.0", "3.1.0"]
    assert list(LEVELS) == sorted(LEVELS)
    assert [str(level) for level in LEVELS if level.planned] == ["3.1.0"]


def test_a_short_level_is_the_same_as_its_long_form() -> None:
    assert Level.parse("3.0") is Level.parse("3.0.0")
    assert Level.parse("1.32") < Level.parse("2.0.0") <= Level.parse("2.0.0")


@pytest.mark.parametrize(
    ("printed", "below", "first"),
    [("2.0.0", "1.32.0", "2.0.0"), (">2.0.0", "2.0.0", "2.0.1"), (">2.0.1", "2.0.1", "2.0.2"), ("3.0", "2.0.2", "3.0")],
)
def test_a_requirement_is_met_from_its_first_level_on_and_not_below(printed: str, below: str, first: str) -> None:
    requirement = Requirement(printed)
    assert not requirement.met_by(Level.parse(below))
    assert requirement.met_by(Level.parse(first))
    assert requirement.met_by(LEVELS[-1])
    assert requirement.first_level() == Level.parse(first)
    assert str(requirement) == printed


@pytest.mark.parametrize("text", ["2.5.0", "latest", ""])
def test_an_unknown_level_names_the_known_ones(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"1\.32\.0, 2\.0\.0, 2\.0\.1, 2\.0\.2, 3\.0\.0, 3\.1\.0") as caught:
        Level.parse(text)
    assert caught.value.key == "firmware"


@pytest.mark.parametrize("text", ["soon", "", "<1.0", ">3.1.0"])
def test_a_requirement_that_no_level_can_meet_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        Requirement(text).first_level()

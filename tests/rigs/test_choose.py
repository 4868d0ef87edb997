"""What a person types becomes the device that it describes, or is told what is wrong with it."""

from collections.abc import Iterator
from typing import Any

import pytest

from controller.errors import ConfigurationError
from emulators.family.profile import Profile, profiles
from rigs.bench.benchfile import load
from rigs.choose import built, equipment, installation
from scenarios.stories.alternatives import ABOUT

FREE = ("control", "pin", "token", "trailer")


def every_option() -> Iterator[tuple[Profile, int, str, Any]]:
    for family in profiles():
        for name, default in family.data.get("options", {}).items():
            yield family, min(family.serves), name, default


def test_an_option_that_counts_or_names_a_generation_is_taken_as_typed() -> None:
    request = bytes.fromhex("000100000006 0103 9cb9 0002")  # what follows the inverter model?
    replies = []
    for option in ("mppt_units=2", "mppt_units=0"):
        (reply,) = installation(8, None, None, None, [], [option]).wire.connect().receive(request)
        replies.append(reply.data[9:].hex())
    assert replies == ["00a00030", "00010041"]


def test_a_list_is_typed_with_commas() -> None:
    assert equipment(123, "modbus-rtu", {"ct": "100,5"}) == {"ct": [100, 5]}
    assert equipment(147, "http", {"switches": "unsorted"}) == {"switches": ["unsorted"]}
    with pytest.raises(ConfigurationError, match=r"ct is 2 numbers, not \[100\]"):
        equipment(123, "modbus-rtu", {"ct": "100"})
    with pytest.raises(ConfigurationError, match="ct is numbers, not 'many'"):
        equipment(123, "modbus-rtu", {"ct": "many,5"})


@pytest.mark.parametrize("name", ["row", "protocol", "clock", "model", "unit", "profile", "colour"])
def test_what_is_no_option_is_refused_whatever_it_is_called(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"has no option '{name}', it has meter, pin_entered, pin"):
        installation(99, None, None, None, [], [f"{name}=1"])


@pytest.mark.parametrize("value", ["nonsense", "", -1, 99, 2.5, True, None, 1e300])
def test_no_value_of_an_option_is_a_traceback(value: Any) -> None:
    for family, row, name, _ in every_option():
        try:
            built(row, family.serves[row][0], lambda: 0.0, {name: value})
        except ConfigurationError as error:
            assert error.key == "options" and name in str(error), (family.file, name, str(error))


def test_a_word_that_an_option_does_not_know_is_refused() -> None:
    """It would play the default, and whoever asked for something else would not know."""
    taken = set()
    for family, row, name, default in every_option():
        if isinstance(default, str):
            try:
                built(row, family.serves[row][0], lambda: 0.0, {name: "nonsense"})
                taken.add(name)
            except ConfigurationError:
                continue
    assert taken <= set(FREE)


def test_what_the_alternatives_of_a_family_ask_for_can_be_typed() -> None:
    for family in profiles():
        for entry in family.data.get("alternatives", ()):
            row = entry.get("rows", [min(family.serves)])[0]
            equipment(row, family.serves[row][0], {key: value for key, value in entry.items() if key not in ABOUT})


def test_a_bench_file_is_told_of_an_option_that_is_none(tmp_path: Any) -> None:
    file = tmp_path / "bench.toml"
    for options, said in (
        ("colour = 1", "has no option 'colour'"),
        ("winet = 3", "winet is true or false, not 3"),
        ("winet = { on = 1 }", "a text, a number, true or false, or a list of them, not {'on': 1}"),
    ):
        file.write_text(
            f'[[place]]\nname = "pv"\nrow = 30\ndevice = "emulated"\noptions = {{ {options} }}\n', encoding="utf-8"
        )
        with pytest.raises(ConfigurationError, match=said) as caught:
            load(file)
        assert caught.value.key in ("place[0].options", "place[0].options.winet")

"""A family file that a person got wrong is named with its key, before anything stands on a socket."""

from dataclasses import replace
from typing import Any

import pytest

from emulators.family.build import build
from emulators.family.profile import BrokenProfile, profile_for

ROW = [1621, "U16", 1.0, "r", "Battery SoC", "soc"]


def with_row(*row: Any) -> dict[str, Any]:
    return {"registers": {"holding": [list(row)]}}


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (with_row(1621, "Q16", *ROW[2:]), "registers: 'Q16' is no type of a register"),
        (with_row(*ROW[:5]), "registers: .*missing 1 required positional argument: 'quantity'"),
        (with_row(*ROW[:5], "nosuch"), "registers: 1621 Battery SoC: neither of .* has nosuch"),
        (with_row(1621, "U16", "x", *ROW[3:]), "registers: 1621 Battery SoC: no scale: 'x'"),
        ({"rules": {"gapz": "exception"}}, "rules: got an unexpected keyword argument 'gapz'"),
        ({"modbus": {"unit": "one"}}, "modbus.unit: cannot be 'one'"),
        ({"modbus": {"functions": 3}}, "modbus.functions: cannot be 3"),
        ({"sunspec": {"models": [{"id": 9120}]}}, "sunspec: model 9120 is no standard one and says no length"),
    ],
)
def test_a_broken_family_file_is_named_with_its_key(broken, words):
    family = profile_for(63, "modbus-tcp")
    assert family is not None
    with pytest.raises(BrokenProfile, match=f"emulators/solplanet/asw.toml: {words}"):
        build(63, "modbus-tcp", clock=lambda: 0.0, profile=replace(family, data={**family.data, **broken}))

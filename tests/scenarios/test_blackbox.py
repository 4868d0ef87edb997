"""A small foreign controller passes every story, and each of three planted mistakes is found by the story's name."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from controller.errors import ConfigurationError
from scenarios.blackbox.adapter import Adapter, load
from scenarios.blackbox.judging import judge

ADAPTERS = Path(__file__).parents[2] / "examples" / "adapters"


def verdicts(adapter: Adapter) -> dict[str, str]:
    data = asyncio.run(judge(adapter))
    return {each["scenario"].removeprefix("blackbox/"): each["verdict"] for each in data["results"]}


def broken(fault: str) -> Adapter:
    adapter = load(ADAPTERS / "minimal.toml")
    text = adapter.configuration.text + f"fault {fault}\n"
    return adapter.model_copy(update={"configuration": adapter.configuration.model_copy(update={"text": text})})


def test_without_a_mistake_it_passes() -> None:
    assert set(verdicts(load(ADAPTERS / "minimal.toml")).values()) == {"pass"}


@pytest.mark.parametrize(
    ("fault", "found"),
    [("sign", "self-consumption"), ("release", "released"), ("reconnect", "reconnected")],
)  # fmt: skip
def test_a_planted_mistake_is_failed_by_name(fault: str, found: str) -> None:
    told = verdicts(broken(fault))
    failed = [name for name, verdict in told.items() if verdict == "fail"]
    assert failed[0] == found
    assert failed == [found] or fault == "sign"  # a battery that runs away breaks the limits too


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[house]", "[home]", "house: is missing"),
        ("claims = [30, 53, 117]", "claims = [30, 53]", "house.meter.row: a row that it claims, not 117"),
        ("[asks.limit.60]", "[asks.limit.some]", "asks.limit: 0 to 100 (%), not 'some'"),
        ('30 = "pv', '31 = "pv', "configuration.rows.30: is missing"),
        ('model = "SG10RT"', 'model = "SG11RT"', "house.pv.model: "),
    ],
)  # fmt: skip
def test_what_is_wrong_in_an_adapter_is_said_with_file_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (ADAPTERS / "minimal.toml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "minimal.toml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(file)
    assert str(caught.value).startswith(str(file))
    assert said in str(caught.value)


@pytest.mark.parametrize("file", sorted(ADAPTERS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_adapter_is_right(file: Path) -> None:
    assert load(file).claims


def test_a_controller_that_does_not_start_fails_with_what_it_said(tmp_path: Path) -> None:
    adapter = load(ADAPTERS / "minimal.toml")
    dead = adapter.model_copy(update={"command": ("sh", "-c", "echo no such bus; exit 3")})
    data: dict[str, Any] = asyncio.run(judge(dead, ("blackbox/limit",)))
    (result,) = data["results"]
    assert result["verdict"] == "fail"
    assert "no such bus" in result["detail"]

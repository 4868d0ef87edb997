"""A small foreign controller passes every story, and each of three planted mistakes is found by the story's name."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

import hem
from controller.errors import ConfigurationError
from scenarios.blackbox.adapter import Adapter, Ask, HttpRequest, configured, load
from scenarios.blackbox.house import House, NotReady
from scenarios.blackbox.judging import judge
from scenarios.blackbox.stories import STORIES

ADAPTERS = Path(__file__).parents[2] / "examples" / "adapters"


def call(*arguments: str) -> Result:
    return CliRunner().invoke(hem.app, list(arguments))


CHARGING = ("blackbox/surplus", "blackbox/minimum", "blackbox/fuse")
FEEDING = tuple(each.id for each in STORIES if each.id not in CHARGING)
PLANTED = {
    "sign": "self-consumption", "release": "released", "reconnect": "reconnected", "minimum": "minimum", "fuse": "fuse",
}  # fmt: skip


def verdicts(adapter: Adapter, stories: tuple[str, ...]) -> dict[str, str]:
    data = asyncio.run(judge(adapter, stories, jobs=4))
    return {each["scenario"].removeprefix("blackbox/"): each["verdict"] for each in data["results"]}


def broken(fault: str) -> Adapter:
    adapter = load(ADAPTERS / "minimal.toml")
    text = adapter.configuration.text + f"fault {fault}\n"
    return adapter.model_copy(update={"configuration": adapter.configuration.model_copy(update={"text": text})})


def test_without_a_mistake_it_passes() -> None:
    assert set(verdicts(load(ADAPTERS / "minimal.toml"), FEEDING + CHARGING).values()) == {"pass"}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_mistake_is_failed_by_name(fault: str) -> None:
    found = PLANTED[fault]
    told = verdicts(broken(fault), CHARGING if f"blackbox/{found}" in CHARGING else FEEDING)
    failed = [name for name, verdict in told.items() if verdict == "fail"]
    assert failed[0] == found
    assert failed == [found] or fault == "sign"  # a battery that runs away breaks the limits too


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[house]", "[home]", "house: is missing"),
        ("claims = [30, 53, 68, 117]", "claims = [30, 53, 68]", "house.meter.row: a row that it claims, not 117"),
        ("[asks.mode.full]", "[asks.mode.fast]", "asks.mode.fast"),
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


def test_a_program_that_is_not_installed_is_one_line_and_exit_2(tmp_path: Path) -> None:
    text = (ADAPTERS / "minimal.toml").read_text(encoding="utf-8")
    (tmp_path / "other.toml").write_text(text.replace('"perl"', '"no-such-controller"'), encoding="utf-8")
    found = call("bench", "judge", str(tmp_path / "other.toml"), "--out", str(tmp_path))
    assert found.exit_code == 2
    assert "command: no-such-controller is not installed on this machine: nothing was asked of it" in found.output


def test_a_controller_is_asked_over_http_and_heard_when_it_refuses() -> None:
    """`evcc` and others are told their mode so; here a station of ours answers 404."""
    adapter = load(ADAPTERS / "minimal.toml")
    asked: list[bytes] = []

    async def story() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            ok = b"/mode/pv" in asked[-1]
            writer.write(
                b"HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % (b"200 OK" if ok else b"404 No")
            )
            writer.close()
            await writer.wait_closed()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server, House(adapter) as house:
            port = server.sockets[0].getsockname()[1]
            await house.ask(Ask(http=(HttpRequest(url=f"http://127.0.0.1:{port}/api/loadpoints/1/mode/pv"),)))
            with pytest.raises(NotReady, match="404 to PUT http://127"):
                await house.ask(Ask(http=(HttpRequest(url=f"http://127.0.0.1:{port}/no", method="PUT"),)))

    asyncio.run(story())
    assert asked[0].startswith(b"POST /api/loadpoints/1/mode/pv HTTP/1.1")


# what its templates ask for: evcc-io/evcc:templates/definition/{meter,charger}/*.yaml, util/templates/modbus.tpl
EVCC: dict[str, dict[str, tuple[str, ...] | None]] = {
    "sunspec-inverter-curtailable": {
        "usage": ("pv",), "modbus": ("tcpip", "rs485"), "id": None, "host": None, "port": None,
    },
    "siemens-pac2200": {
        "usage": ("grid", "pv", "charge"), "modbus": ("rs485", "tcpip"), "id": None, "host": None, "port": None,
    },
    "keba": {"host": None, "rfid": None, "serial": None},
}  # fmt: skip


def test_what_evcc_is_told_is_what_its_templates_ask_for() -> None:
    adapter = load(ADAPTERS / "evcc.toml")
    where = {"host": "127.0.0.9", "port": "1502", "unit": "1"}
    text = configured(
        adapter, dict.fromkeys(adapter.house, where), {"api": "7070", "mode": "pv", "work": "/w", "fuse": "25"}
    )
    told = yaml.safe_load(text)
    devices = {each["name"]: each for each in told["meters"] + told["chargers"]}
    assert {each["template"] for each in devices.values()} == set(EVCC)
    for device in devices.values():
        asked = EVCC[device["template"]]
        given = {key: value for key, value in device.items() if key not in ("name", "type", "template")}
        assert given.keys() <= asked.keys()
        assert all(not asked[key] or value in asked[key] for key, value in given.items())
    (point,), (circuit,) = told["loadpoints"], told["circuits"]
    assert {told["site"]["meters"]["grid"], *told["site"]["meters"]["pv"], circuit["meter"], point["charger"]} == set(
        devices
    )
    assert (point["mode"], point["circuit"], circuit["maxCurrent"]) == ("pv", "main", 25)


def test_two_controllers_are_compared_story_by_story(tmp_path: Path) -> None:
    wanted = "blackbox/limit,blackbox/released"
    text = (ADAPTERS / "minimal.toml").read_text(encoding="utf-8").replace("{here}", str(ADAPTERS))
    (tmp_path / "other.toml").write_text(
        text.replace('"minimal"', '"forgetful"').replace("period 0.1", "period 0.1\nfault release")
    )
    for file, folder in ((ADAPTERS / "minimal.toml", "one"), (tmp_path / "other.toml", "two")):
        call("bench", "judge", str(file), "--scenario", wanted, "--jobs", "2", "--out", str(tmp_path / folder))
    found = call("comply", "--compare", str(tmp_path / "one"), str(tmp_path / "two"), "--out", str(tmp_path / "both"))
    assert found.exit_code == 0, found.output
    assert found.output.startswith(
        "forgetful 1 against minimal 1:\n  blackbox/limit: both pass\n  blackbox/released:\n"
    )
    assert "    minimal 1: pass: 3 checks\n    forgetful 1: fail: everything is fed again: expected" in found.output
    page = (tmp_path / "both" / "index.html").read_text(encoding="utf-8")
    assert page.count('<tr class="fail">') == 1
    assert "Wird wieder alles eingespeist, wenn die Grenze endet?" in page
    wrong = call("comply", "--compare", str(tmp_path / "one"), str(tmp_path / "other.toml"))
    assert wrong.exit_code == 2
    assert "other.toml: compare: a results.json of hem bench judge" in wrong.output

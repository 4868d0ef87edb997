"""What the documentation says is so: written pages are up to date, links lead somewhere, the example device works."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from emulators.family.profile import load
from hem import app
from scenarios.campaign import pages
from scenarios.campaign.cases import Case, tell
from scenarios.campaign.every import FAULTS, STORIES
from scenarios.kinds.kind import kind_of

pytest_plugins = "pytester"

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_the_written_pages_are_up_to_date():
    for path, text in pages.pages().items():
        assert path.read_text("utf-8") == text, "run make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_something(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_is_named_exists(page):
    for name in re.findall(r"`((?:\w+/)+[\w.]+\.(?:py|toml|csv|json|md))`", page.read_text("utf-8")):
        assert (ROOT / name).exists() or "build/" in name, name


def test_the_readme_names_every_command_and_exactly_two_ways_to_set_up():
    readme = (ROOT / "README.md").read_text("utf-8")
    commands = {each.name or each.callback.__name__ for each in app.registered_commands}
    assert {command for command in commands if f"\nhem {command} " not in readme} == set()
    setup = readme.split("## Set up")[1].split("## ")[0]
    assert re.findall(r"^make \w+", setup, re.M) == ["make report", "make test"]


def test_every_option_that_the_readme_names_is_one():
    readme = (ROOT / "README.md").read_text("utf-8")
    block = readme.split("```text")[1].split("```")[0]
    top = get_command(app).commands.values()
    commands = [each for command in top for each in (command, *getattr(command, "commands", {}).values())]
    known = {text for each in commands for option in each.params for text in (*option.opts, *option.secondary_opts)}
    assert set(re.findall(r"--[a-z-]+", block)) - known == set()


def test_the_example_of_another_controller_passes(pytester):
    pytester.runpytest_subprocess("-W", "error", str(ROOT / "examples" / "ci")).assert_outcomes(passed=4)


def test_the_device_of_the_contributing_page_passes_every_story(tmp_path, monkeypatch):
    blocks = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.S)
    family = next(text for kind, text in blocks if kind == "toml")
    driver = next(text for kind, text in blocks if kind == "python")
    place = tmp_path / "emulators" / "helios" / "string.toml"
    place.parent.mkdir(parents=True)
    place.write_text(family, "utf-8")
    monkeypatch.setattr("emulators.family.profile.ROOT", tmp_path / "emulators")
    profile, made = load(place), {"__name__": "helios"}
    exec(driver, made)
    offered = [each for each in (*STORIES, *FAULTS) if each.offered(17, kind_of("pv-inverter"), "modbus-tcp")]
    told = [Case(17, "modbus-tcp", "HX 20", story.id) for story in offered]
    outcomes = [tell(case, driver=made["HeliosInverter"], profile=profile) for case in told]
    assert [(each.case.story, each.detail) for each in outcomes if each.verdict == "fail"] == []
    assert sum(each.verdict == "pass" for each in outcomes) > 40

"""`packaging/update.sh`, on environments whose programs are stand-ins: what is done, in which order, what is left."""

import os
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

import hem
from controller.drivers.serving import driver_for

SCRIPT = Path(__file__).parents[1] / "packaging" / "update.sh"
PROGRAMS = {
    "pip": 'echo "pip $*" >> "$LOG"; exit "${PIP:-0}"',
    "python": '[ "${SICK:-0}" = 0 ] && echo ok || { echo "a line has not moved"; exit 1; }',
    "hem": """
echo "$(basename "$(dirname "$(dirname "$0")")" | cut -c1-4) hem $*" >> "$LOG"
case $1 in
  --version) echo "hemtwin 2" ;;
  check) exit "${CHECK:-0}" ;;
  verdict) echo "this site's 9 devices: all compatible at level 3.0.0"; exit "${VERDICT:-0}" ;;
esac""",
}


def environment(folder: Path) -> Path:
    """A folder with programs as those of an environment."""
    (folder / "bin").mkdir(parents=True)
    for name, text in PROGRAMS.items():
        (folder / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / "bin" / name).chmod(0o755)
    return folder


@pytest.fixture
def update(tmp_path):
    """Run the script beside an old environment, with a python3 that makes stand-ins; what it did, and its log."""
    environment(tmp_path / "mould")
    maker = tmp_path / "python3"
    maker.write_text(f'#!/bin/sh\ncp -r {tmp_path / "mould"} "$3"\n')
    maker.chmod(0o755)
    log = tmp_path / "log"

    def run(old: Path, **more: str) -> tuple["subprocess.CompletedProcess[str]", list[str]]:
        wanted = {
            "HEM": str(old), "FOLDER": str(tmp_path), "PYTHON": str(maker), "LOG": str(log), "READY": "0",
            "STEADY": "0",
            "RESTART": f"cp -P {old} {tmp_path}/ran -T --remove-destination", **more,
        }  # fmt: skip
        log.write_text("")
        command = [str(SCRIPT), "site.toml", "--no-index", "hemtwin"]
        done = subprocess.run(command, env={**os.environ, **wanted}, capture_output=True, text=True)
        return done, log.read_text().splitlines()

    return run


def left(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.glob("hem*"))


def test_a_new_environment_is_judged_by_this_sites_devices_and_then_runs(update, tmp_path):
    old = environment(tmp_path / "hem")
    done, log = update(old)
    assert done.returncode == 0, done.stderr
    assert "\nthis site's 9 devices: all compatible at level 3.0.0\n" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("update: healthy for 0 s: ok; the one before stays in ")
    assert [each.split(" --folder")[0].split(" /")[0] for each in log] == [
        "pip --quiet --disable-pip-version-check install --no-index hemtwin", "hem- hem --version", "hem hem --version",
        "hem- hem check site.toml", "hem- hem verdict site.toml", "hem hem backup site.toml",
    ]  # fmt: skip
    assert old.is_symlink() and old.readlink() == (tmp_path / "ran").readlink() != tmp_path / "hem-first"
    assert len(left(tmp_path)) == 3


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"PIP": "1"}, "it cannot be installed"),
        ({"CHECK": "2"}, "it does not take the site file"),
        ({"VERDICT": "1"}, "it is not compatible with every device of this site"),
    ],
)
def test_what_does_not_pass_is_never_activated_and_leaves_nothing(update, tmp_path, what, said):
    old = environment(tmp_path / "hem")
    done, _ = update(old, **what)
    assert (done.returncode, done.stderr) == (1, f"update: {said}; nothing has changed\n")
    assert (left(tmp_path), old.is_symlink(), (tmp_path / "ran").exists()) == (["hem"], False, False)


def test_one_that_is_unwell_makes_room_for_the_old_one(update, tmp_path):
    old = environment(tmp_path / "hem")
    done, _ = update(old, SICK="1")
    assert done.returncode == 1
    assert done.stderr == f"update: unwell: a line has not moved; back to {tmp_path}/hem-first\n"
    assert old.readlink() == (tmp_path / "ran").readlink() == tmp_path / "hem-first"


def test_a_site_is_judged_by_really_telling_the_stories_of_its_devices(tmp_path):
    site = tmp_path / "site.toml"
    site.write_text('[[device]]\nname = "prices"\nrow = 147\n[[device]]\nname = "second"\nrow = 147\n')
    done = CliRunner().invoke(hem.app, ["verdict", str(site)])
    assert done.stdout.splitlines()[-1] == "this site's 2 devices: all compatible at level 3.0.0"
    assert "prices: row 147 http: compatible, all that was asked holds from 3.0.0 on\n" in done.stdout
    assert done.exit_code == 0


def test_a_device_that_fails_a_story_fails_the_site(tmp_path, monkeypatch):
    async def wrong(self):
        return {"prices": ()}

    monkeypatch.setattr(driver_for(147, "http"), "read", wrong)
    site = tmp_path / "site.toml"
    site.write_text('[[device]]\nname = "prices"\nrow = 147\n')
    done = CliRunner().invoke(hem.app, ["verdict", str(site)])
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-1] == "this site's 1 devices: all fail at level 3.0.0"


def test_a_site_below_the_level_of_a_device_is_refused(tmp_path):
    site = tmp_path / "site.toml"
    site.write_text('[site]\nfirmware = "2.0.0"\n[[device]]\nname = "prices"\nrow = 148\n')
    done = CliRunner().invoke(hem.app, ["verdict", str(site)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "3.0.0" in done.stderr

"""What is delivered: the wheel runs without the checkout, the systemd unit is as closed as it says."""

import configparser
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_wheel_serves_a_house_without_the_checkout(tmp_path):
    source = tmp_path / "source"
    shutil.copytree(
        ROOT, source, ignore=shutil.ignore_patterns(".git", ".venv", "build", "*.egg-info", "*cache*", "docs")
    )
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    quiet = {"check": True, "capture_output": True, "text": True, "cwd": tmp_path}
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", "wheels", str(source)], **quiet)
    (wheel,) = (tmp_path / "wheels").glob("hemtwin-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", "installed", str(wheel)], **quiet)
    (tmp_path / "site.toml").write_text('[[device]]\nname = "roof"\nrow = 1\nmodel = "STP 8.0"\n')
    program = "import hem, controller.service.app as app; print(hem.__file__, len(app.pages())); hem.main()"
    command = [sys.executable, "-c", program, "serve", "site.toml", "--bus", "loopback", "--listen", "127.0.0.1:0"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    done = subprocess.run([*command, "--hours", "0.003"], env=environment, **quiet)
    where, pages = done.stdout.splitlines()[0].rsplit(" ", 1)
    assert Path(where) == tmp_path / "installed" / "hem.py"
    assert int(pages) >= 10
    assert "\nready: http://127.0.0.1:" in done.stdout


def test_the_unit_is_supervised_and_closed():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(ROOT / "packaging" / "hem.service")
    service = unit["Service"]
    assert (service["Type"], service["Restart"], service["DynamicUser"]) == ("notify", "always", "yes")
    assert (service["CapabilityBoundingSet"], service["NoNewPrivileges"]) == ("", "yes")
    assert int(service["WatchdogSec"]) > 90  # what hangs is started anew before
    assert "hem serve /etc/hem/site.toml" in service["ExecStart"]


def folder(at: Path) -> Path:
    """An offline folder of a hemtwin that needs nothing else and says its version."""
    wheels = at / "wheels"
    wheels.mkdir(parents=True)
    with zipfile.ZipFile(wheels / "hemtwin-9.9.9-py3-none-any.whl", "w") as wheel:
        about = "hemtwin-9.9.9.dist-info"
        wheel.writestr("hem.py", "def main():\n    print('hemtwin 9.9.9')\n")
        extras = "Provides-Extra: parquet\nProvides-Extra: postgresql\n"
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: hemtwin\nVersion: 9.9.9\n{extras}")
        wheel.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{about}/entry_points.txt", "[console_scripts]\nhem = hem:main\n")
        wheel.writestr(f"{about}/RECORD", "")
    for name in ("install.sh", "hem.service"):
        shutil.copy(ROOT / "packaging" / name, at)
    parts = (*wheels.iterdir(), at / "hem.service")
    lines = (f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.relative_to(at)}\n" for each in parts)
    (at / "SHA256SUMS").write_text("".join(lines))
    return at


def install(at: Path, into: Path) -> "subprocess.CompletedProcess[str]":
    """As without a network: no package index is to be had."""
    environment = {**os.environ, "PYTHON": sys.executable, "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}
    command = ["sh", str(at / "install.sh"), str(into)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_an_offline_folder_is_installed_without_a_network(tmp_path):
    at = folder(tmp_path / "offline")
    done = install(at, tmp_path / "hem")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "hemtwin 9.9.9"), done.stderr
    again = install(at, tmp_path / "hem")
    assert (again.returncode, "is there already" in again.stderr) == (2, True)


def test_an_offline_folder_that_is_damaged_is_not_installed(tmp_path):
    at = folder(tmp_path / "offline")
    with (at / "hem.service").open("a") as unit:
        unit.write("#\n")
    done = install(at, tmp_path / "hem")
    assert (done.returncode, (tmp_path / "hem").exists()) == (2, False)
    assert "nothing has been installed" in done.stderr


def test_the_container_is_made_of_what_is_there_and_starts_the_service():
    told = (ROOT / "packaging" / "Containerfile").read_text()
    assert "--require-hashes -r /source/requirements.lock" in told
    (command,) = re.findall(r"^CMD (\[.*\])$", told, re.M)
    program, verb, site, *options = json.loads(command)
    assert (Path(program).name, verb, site) == ("hem", "serve", "/site/site.toml")
    helped = subprocess.run(
        [sys.executable, "-m", "hem", "serve", "--help"], capture_output=True, text=True, check=True
    )
    assert [each for each in options if each.startswith("--") and each[2:12] not in helped.stdout] == []
    assert re.search(r"^USER (?!root)", told, re.M)

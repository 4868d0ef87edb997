"""What is delivered: the wheel runs without the checkout, the systemd unit is as closed as it says."""

import configparser
import os
import shutil
import subprocess
import sys
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

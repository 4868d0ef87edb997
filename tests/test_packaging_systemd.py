"""The systemd unit, as systemd itself judges it."""

import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[1] / "packaging" / "hem.service"


def test_systemd_finds_the_unit_closed():
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.fail("systemd-analyze is missing, the unit was not judged: apt-get install systemd")
    command = [tool, "security", "--offline=true", "--threshold=25", "--no-pager", str(UNIT)]  # 2.5 of 10
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-300:]

"""Metrics, as Prometheus' own tool reads them."""

import shutil
import subprocess

import pytest

from controller.service import metrics


def test_prometheus_own_tool_has_nothing_to_complain_about(served):
    tool = shutil.which("promtool")
    if tool is None:
        pytest.fail("promtool is missing, the metrics were not checked: apt-get install prometheus")
    served.run(30.0)
    shown = served.taker.take()
    text = metrics.text(shown, shown.monotonic, "")
    done = subprocess.run([tool, "check", "metrics"], input=text, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")

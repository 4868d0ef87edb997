"""Metrics of a house for Prometheus."""

import re

from controller.service import metrics


def test_metrics_tell_readings_flows_and_limits_to_those_who_have_a_token(door):
    door.served.run(30.0)
    assert door.client().get("/metrics").status_code == 401
    answer = door.program("read").get("/metrics")
    assert answer.headers["content-type"] == metrics.TYPE
    samples = dict(re.findall(r"^([a-z_]+(?:\{.*\})?) (\S+)$", answer.text, re.M))
    assert samples["hem_healthy"] == "1.0"
    assert samples['hem_device_online{device="roof",function="pv"}'] == "1.0"
    assert float(samples['hem_reading{device="roof",quantity="power",unit="W"}']) > 500
    assert float(samples['hem_flow_watts{flow="generation"}']) > 500
    assert samples['hem_setpoint{device="wallbox",aspect="current",command="pause"}'] == "0.0"
    assert float(samples["process_resident_memory_bytes"]) > 20e6
    names = re.findall(r"^# TYPE (\S+)", answer.text, re.M)
    assert len(names) == len(set(names)) > 12


def test_names_with_quotes_and_line_ends_are_escaped():
    assert metrics._labels({"device": 'a"b\\c\nd'}) == '{device="a\\"b\\\\c\\nd"}'

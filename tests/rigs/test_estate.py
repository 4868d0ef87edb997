"""A site file brought to life: one house of physics, every device emulated, the controller at work on both rigs."""

import asyncio
import struct

import pytest

from controller.errors import ConfigurationError
from controller.installation import controller
from controller.run.visiting import visit
from controller.sitefile import check
from emulators.family.build import build
from rigs.bus import bus_of
from rigs.estate import settle
from rigs.loopback import LoopbackRig
from rigs.simulated import START, SimulatedRig

HOUSE = {
    "site": {"annual_load": 3_500_000.0},
    "device": [
        {"name": "roof", "row": 1, "peak_power": 7100.5},
        {"name": "grid", "row": 112, "function": "grid-meter", "line": {"device": "/dev/bus"}},
        {"name": "roof meter", "row": 112, "unit": 2, "of": ["roof"], "line": {"device": "/dev/bus"}},
        {"name": "rod", "row": 136, "hot_water": 7000},
    ],
}


def test_a_controller_runs_a_house_and_its_meters_show_what_flows():
    site, rig = check(HOUSE), SimulatedRig()
    estate = settle(site, rig.clock.now, days=1)
    hem = controller(site, estate.wire(rig.connect), rig.clock)
    for line in hem.lines:
        rig.start(hem.serve(line))
    rig.start(hem.steer())
    rig.run(START + 120)
    readings = {seen.name: seen.reading for seen in hem.view()}
    assert set(readings) == {"roof", "grid", "roof meter", "rod"}
    assert readings["roof meter"]["power"] == pytest.approx(-readings["roof"]["power"], abs=5)
    assert estate.physics.truth()["rod"]["energy"] > 0
    balance = estate.physics.balance()
    assert abs(balance.residual) < 1e-6
    assert balance.generated > 0


def test_the_same_house_stands_on_real_sockets():
    async def story() -> dict:
        site = check(HOUSE)
        async with LoopbackRig(pace=0.05) as rig:
            estate = settle(site, rig.clock.now, days=1)
            hem = controller(site, await estate.wire_up(rig.connect), rig.clock)
            for line in hem.lines:
                for member in line:
                    await visit(hem, member)
            return {member.name: (member.state, member.error) for line in hem.lines for member in line}

    assert asyncio.run(story()) == dict.fromkeys(("roof", "grid", "roof meter", "rod"), ("online", ""))


@pytest.mark.parametrize("row", [33, 75])
def test_line_settings_that_the_device_does_not_have_are_refused(row):
    line = {"device": "/dev/ttyUSB0", "parity": "O"}
    site = check({"device": [{"name": "it", "row": row, "protocol": "modbus-rtu", "line": line}]}, "here.toml")
    with pytest.raises(ConfigurationError, match=r"here\.toml: device\[0\]\.line\.parity: the device is set to"):
        settle(site, lambda: START)


def test_two_devices_with_one_unit_id_cannot_share_a_line():
    twins = [{"name": name, "row": 112, "line": {"device": "/dev/bus"}} for name in ("first", "second")]
    with pytest.raises(ConfigurationError, match=r"device\[1\]\.unit: a unit id of its own"):
        settle(check({"device": twins}), lambda: START)


def test_devices_on_one_line_answer_for_themselves_and_one_that_is_deaf_disturbs_no_other():
    rig = SimulatedRig()
    meters = [build(112, "modbus-rtu", clock=rig.clock.now, unit=unit) for unit in (1, 2)]
    for meter, power in zip(meters, (1234.5, -70000.5), strict=True):
        meter.main.twin.set("power", power)
    line = rig.connect(bus_of(meters))
    meters[0].main.faults.on("connect-refused")
    assert struct.unpack(">f", rig.tell(line.read(2, 4, 0x34, 2))) == (-70000.5,)
    meters[0].main.faults.off("connect-refused")
    assert struct.unpack(">f", rig.tell(line.read(1, 4, 0x34, 2))) == (1234.5,)

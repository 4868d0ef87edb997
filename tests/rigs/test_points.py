"""Stations with several charge points in a house: each point has a car, a member and, where it answers, a port."""

import asyncio

import pytest

from controller.errors import ConfigurationError
from controller.installation import controller
from controller.run.visiting import visit
from controller.sitefile import Site, check
from rigs import choose
from rigs.estate import settle
from rigs.home import home
from rigs.loopback import LoopbackRig
from rigs.simulated import START, SimulatedRig


def site(number: int, **more: object) -> Site:
    """A house with a grid meter and a station whose users want all of it."""
    station = {"name": "box", "row": number, "charging": {"mode": "fast"}, **more}
    return check({"device": [{"name": "grid", "row": 112, "function": "grid-meter"}, station]}, "here.toml")


def plug(estate, **cars: float) -> None:
    """Cars that take so many amperes on each phase."""
    for name, amperes in cars.items():
        twin = estate.physics.models[name.replace("_", "-")]
        twin.vehicle_current, twin.authorized = amperes, True
        twin.set("plugged", True)


@pytest.mark.parametrize("number", [77, 80, 90])
def test_the_cars_at_two_points_are_read_apart_and_flow_through_one_grid_meter(number):
    rig, house = SimulatedRig(), site(number, charging={"mode": "fast", "maximum_current": 11.0})
    estate = settle(house, rig.clock.now, days=1)
    hem = controller(house, estate.wire(rig.connect), rig.clock)
    plug(estate, box=7.0, box_2=9.5)
    for line in hem.lines:
        rig.start(hem.serve(line))
    rig.start(hem.steer())
    rig.run(START + 180)
    estate.physics.advance(START + 180)
    taken = [estate.physics.models[name].power for name in ("box", "box-2")]
    assert taken == pytest.approx([7.0 * 690, 9.5 * 690])
    assert estate.physics.grid_power - estate.physics.load_power == pytest.approx(sum(taken))
    told = [hem.members[name].reading.get("power") for name in ("box", "box-2")]
    assert told == pytest.approx(taken, abs=60)


def test_a_point_at_a_port_of_its_own_has_a_line_of_its_own():
    rig, house = SimulatedRig(), site(77)
    hem = controller(house, settle(house, rig.clock.now, days=1).wire(rig.connect), rig.clock)
    assert [[member.name for member in line] for line in hem.lines] == [["grid"], ["box"], ["box-2"]]


@pytest.mark.parametrize(("number", "points"), [(77, 2), (74, 3), (80, 2)])
def test_on_real_sockets_each_point_answers_where_it_is(number, points):
    async def story() -> dict[str, str]:
        async with LoopbackRig(pace=0.05) as rig:
            house = site(number, points=points)
            hem = controller(house, await settle(house, rig.clock.now, days=1).wire_up(rig.connect), rig.clock)
            for line in hem.lines:
                for member in line:
                    await visit(hem, member)
            return {name: each.state for name, each in hem.members.items()}

    names = ("grid", "box", "box-2", "box-3")[: points + 1]
    assert asyncio.run(story()) == dict.fromkeys(names, "online")


def test_a_port_where_nobody_listens_is_a_point_that_is_offline():
    rig, house = SimulatedRig(), site(74)  # may have three points, has one
    hem = controller(house, settle(house, rig.clock.now, days=1).wire(rig.connect), rig.clock)
    for line in hem.lines:
        rig.start(hem.serve(line))
    rig.run(START + 60)
    assert {name: each.state for name, each in hem.members.items() if name != "grid"} == {
        "box": "online", "box-2": "offline", "box-3": "offline",
    }  # fmt: skip


def test_a_simulated_house_tells_the_power_of_each_point():
    found = home(site(80), days=1)
    found.start()
    found.run(found.twin.start + 120)
    result = found.result()
    assert {"box", "box-2"} <= result["series"].keys()
    assert (result["functions"]["box-2"], result["devices"].keys() >= {"box", "box-2"}) == ("charger", True)


def test_an_emulated_site_shows_every_point(tmp_path):
    file = tmp_path / "site.toml"
    file.write_text('[[device]]\nname = "box"\nrow = 80\n')
    (place,) = choose.site(str(file))
    assert [device.id for device in place.shown] == ["box", "box-2"]


def test_a_device_cannot_have_the_name_of_a_further_point():
    rig = SimulatedRig()
    meter = {"name": "box-2", "row": 112, "function": "grid-meter"}
    house = check({"device": [{"name": "box", "row": 90}, meter]}, "here.toml")
    with pytest.raises(ConfigurationError, match=r"here\.toml: device\[1\]\.name: another name: a charge point"):
        controller(house, [(None, [each]) for each in house.device], rig.clock)

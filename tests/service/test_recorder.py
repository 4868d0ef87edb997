"""What is kept of snapshots."""

import pytest

from controller.errors import StoreError
from controller.service.history import RESERVE, History
from controller.service.recorder import LISTED_WAIT, ROWS_WAIT, Recorder


@pytest.fixture
def kept(served, tmp_path):
    """A recorder of a house in virtual time."""
    recorder = Recorder(lambda: History(tmp_path / "h.sqlite"), served.exchange)
    yield recorder
    recorder.close()


def test_a_quarter_of_an_hour_of_a_house_balances(served, kept):
    for _ in range(9):
        served.run(100.0)
        kept.work()
    begin = served.now - 900
    names = ("import", "export", "generation", "consumption", "charging", "discharging")
    mean = {name: [v for _, v in kept.history.points("", name, begin, begin + 900, 10)] for name in names}
    assert {len(each) for each in mean.values()} == {89}
    assert min(mean["generation"]) > 500
    flow = {name: sum(each) / len(each) for name, each in mean.items()}
    # inverters lose a little on the way from the modules to the house
    assert flow["import"] + flow["generation"] + flow["discharging"] == pytest.approx(
        flow["export"] + flow["consumption"] + flow["charging"], rel=0.1
    )
    assert kept.history.points("roof", "power", begin, begin + 900, 60)[3][1] > 500
    assert kept.history.points("", "price", begin, begin + 900, 60)


def test_setpoints_are_kept_as_devices_take_them_and_once(served, kept):
    served.run(30.0)
    served.home.built["operator"].main.twin.set("k3", True)
    served.run(60.0)
    served.home.built["operator"].main.twin.set("k3", False)
    served.run(300.0)
    kept.work()
    roof = [each for each in kept.history.setpoints(device="roof") if each["value"] in (2400.0, None)]
    assert roof[0]["command"] == "release"
    first = roof[-1]
    assert (first["command"], first["value"], first["chain"][-1]["rank"]) == ("limit_power", 2400.0, "grid")
    assert [each["what"] for each in kept.history.events(device="roof", limit=100)].count("online: SMA STP 8.0") == 1


def test_what_cannot_be_written_waits_and_comes_later(served, kept, tmp_path):
    (tmp_path / "h.sqlite").mkdir()
    served.run(30.0)
    kept.work()
    assert kept.problem.endswith("unable to open database file")
    (tmp_path / "h.sqlite").rmdir()
    served.run(30.0)
    kept.work()
    assert (kept.problem, kept.lost) == ("", 0)
    assert len(kept.history.points("roof", "power", 0, 1e12, 10)) >= 5


def test_what_waits_is_bounded_and_what_is_lost_is_counted(served):
    def never() -> History:
        raise StoreError("no disk at all")

    recorder = Recorder(never, served.exchange)
    served.run(10.0 * (ROWS_WAIT + 5), each=10.0)
    for number in range(LISTED_WAIT - 1000):
        served.home.hem.note("roof", str(number))
    served.run(10.0)
    for number in range(2000):
        served.home.hem.note("roof", str(number))
    served.run(10.0)
    recorder.work()
    assert recorder.problem == "no disk at all"
    assert recorder.lost > 1000


def test_the_slot_that_is_not_over_is_kept_at_the_end(served, kept):
    served.run(4.0)
    kept.close()
    kept.work()
    assert kept.history is not None
    assert kept.history.points("grid", "power", 0, 1e12, 10)


def test_a_full_disk_changes_nothing_of_what_the_controller_does(house_of, tmp_path):
    logs = []
    for name, room in (("roomy", RESERVE), ("full", 0)):
        served = house_of(at=6 * 3600.0)
        recorder = Recorder(lambda name=name, room=room: History(tmp_path / name, free=lambda _: room), served.exchange)
        for minute in range(60):
            served.home.built["operator"].main.twin.set("k3", minute % 20 < 5)
            served.run(60.0)
            recorder.work()
        assert ("64 MiB" in recorder.problem) == (name == "full")
        recorder.close()
        logs.append([(event.time, event.device, event.what) for event in served.home.hem.log])
    assert logs[0] == logs[1]
    assert sum("limit_power 2400" in what for _, _, what in logs[0]) >= 3

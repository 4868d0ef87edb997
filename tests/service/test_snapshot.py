"""What the loop shows of itself: plain, complete, and the same object while nothing changes."""

import dataclasses

import pytest

from controller.service.exchange import WAITING, Busy, Exchange


def test_a_snapshot_tells_what_is_read_what_is_asked_and_by_whom(served):
    shown = served.run(30.0)
    roof, battery, wallbox = (shown.devices[name] for name in ("roof", "battery", "wallbox"))
    assert (roof.maker, roof.model, roof.state, roof.rating) == ("SMA", "STP 8.0", "online", 8000.0)
    assert roof.reading["power"] > 500
    assert shown.time - roof.read_at < 2.5
    assert battery.reading["soc"] == pytest.approx(50, abs=50)
    assert wallbox.wanted["current"].command == "pause"
    assert wallbox.wanted["current"].chain[-1].source == "charging"
    assert wallbox.stands["current"] == wallbox.wanted["current"]


def test_every_event_is_in_exactly_one_snapshot(served):
    served.run(40.0)
    said = [event for shown in served.exchange.unseen for event in shown.events]
    assert said == list(served.home.hem.log)
    assert {shown.missed for shown in served.exchange.unseen} == {0}


def test_events_that_were_dropped_before_anybody_saw_them_are_counted(served):
    served.run(5.0)
    for number in range(10_007):
        served.home.hem.note("roof", f"event {number}")
    shown = served.taker.take()
    assert len(shown.events) + shown.missed >= 10_007
    assert shown.missed >= 7


def test_a_device_that_has_not_changed_is_the_same_object(served):
    served.run(30.0)
    one, other = served.taker.take(), served.taker.take()
    assert other.number == one.number + 1
    assert all(other.devices[name] is device for name, device in one.devices.items())


def test_nobody_can_change_what_is_shown(served):
    shown = served.run(10.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        shown.devices["roof"].state = "offline"
    before = dict(shown.devices["wallbox"].wanted)
    served.home.hem.wanted.clear()
    assert shown.devices["wallbox"].wanted == before


def test_a_limit_of_the_grid_operator_is_a_signal_and_a_setpoint_with_its_chain(served):
    served.run(20.0)
    served.home.built["operator"].main.twin.set("k3", True)
    shown = served.run(10.0)
    assert [(each.source, each.value, each.unit) for each in shown.signals if each.limits] == [("operator", 30.0, "%")]
    setpoint = shown.devices["roof"].wanted["feed_in"]
    assert (setpoint.command, setpoint.value) == ("limit_power", 2400.0)
    assert setpoint.chain[-1].rank.name == "GRID"


def test_a_command_is_done_by_the_loop_and_its_asker_learns_what_came_of_it(served):
    served.run(20.0)
    answer = served.exchange.ask(lambda hem: hem.members["rod"].function)
    refused = served.exchange.ask(lambda hem: hem.members["rad"])
    assert not answer.done()
    served.run(1.0)
    assert answer.result(0) == "heater"
    with pytest.raises(KeyError, match="rad"):
        refused.result(0)


def test_more_commands_than_the_loop_takes_are_refused_at_once():
    exchange = Exchange()
    for _ in range(WAITING):
        exchange.ask(lambda hem: None)
    with pytest.raises(Busy, match="32 commands wait"):
        exchange.ask(lambda hem: None)

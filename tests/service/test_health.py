"""Health in one line, and who is told of it."""

import dataclasses
import re
import socket

import pytest

from controller.service import health
from controller.service.exchange import Exchange
from controller.service.history import History
from controller.service.recorder import Recorder
from controller.service.setting import Setting
from controller.sitefile import check
from rigs.serve import Looker
from rigs.systemd import Manager

SITE = check({"device": [{"name": "roof", "row": 1}]})


def test_a_controller_that_works_is_ok(served):
    shown = served.run(30.0)
    assert health.line(shown, shown.monotonic + 1) == (True, "ok")
    assert health.line(None, 0.0) == (False, "the controller is starting")


def test_a_device_that_is_lost_is_said_and_the_controller_itself_is_well(served):
    served.run(30.0)
    served.home.built["roof"].main.begin("connect-refused")
    shown = served.run(120.0)
    well, words = health.line(shown, shown.monotonic)
    assert well
    assert words.startswith("roof is offline: ")


@pytest.mark.parametrize("name", ["rod", "decision"])
def test_a_line_or_a_decision_that_does_not_move_is_the_controllers_own_fault(served, name):
    shown = served.run(5.0)
    shown = dataclasses.replace(shown, moved={**shown.moved, name: 91.2})
    assert health.line(shown, shown.monotonic) == (False, f"{name} has not moved for 91 s")


def test_a_loop_that_shows_nothing_any_more_is_not_well(served):
    shown = served.run(30.0)
    assert health.line(shown, shown.monotonic + 12.4) == (False, "the controller has shown nothing for 12 s")


class Standing:
    """A service that runs."""

    started, failed = True, ""


def looker_of(hem, beside, where, manager, file=":nowhere:"):
    """A looker whose history is written only when a test says so."""
    exchange = Exchange()
    recorder = Recorder(lambda: History(file), exchange)
    return Looker(hem, exchange, recorder, beside, where, {"history": lambda: recorder.problem}, Setting(SITE), manager)


@pytest.fixture
def manager(tmp_path):
    """A service manager's socket and what tells it, with a watchdog of 20 s."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        told.setblocking(False)
        yield told, Manager({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000000"})


def heard(told):
    """All that the service manager has been told by now."""
    found = []
    while True:
        try:
            found += told.recv(4096).decode().splitlines()
        except BlockingIOError:
            return found


def test_the_service_manager_hears_that_it_is_ready_and_lives_and_what_is_wrong(served, manager):
    told, tells = manager
    looker = looker_of(served.home.hem, Standing(), "http://x/", tells)
    served.home.rig.run(served.now + 5.0)
    looker.look()
    assert heard(told) == ["READY=1", "STATUS=ok", "WATCHDOG=1"]
    looker.look()
    assert heard(told) == []


def test_a_watchdog_is_not_fed_while_a_line_hangs(served, manager):
    told, tells = manager
    served.home.rig.run(served.now + 5.0)
    served.home.hem.moved["rod"] -= 100.0
    looker_of(served.home.hem, Standing(), "http://x/", tells).look()
    said = heard(told)
    assert any(each.startswith("STATUS=rod has not moved for 10") for each in said)
    assert "WATCHDOG=1" not in said


def test_a_service_manager_that_is_gone_or_nobody_harms_nothing(tmp_path):
    gone = Manager({"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    gone.tell(READY="1")
    assert gone.problem == f"{tmp_path / 'nobody'}: No such file or directory"
    nobody = Manager({})
    nobody.tell(READY="1")
    assert (nobody.problem, nobody.watchdog) == ("", None)


def test_a_service_that_fails_is_an_event_and_the_loop_goes_on(served):
    failing = Standing()
    failing.failed = "OSError: no pages today"
    looker = looker_of(served.home.hem, failing, "http://x/", Manager({}))
    looker.look()
    looker.look()
    said = [event.what for event in served.home.hem.log if event.device == "service"]
    assert said == ["OSError: no pages today; the controller goes on"]


def test_history_that_cannot_be_kept_is_said_once_and_also_when_it_works_again(served, tmp_path):
    looker = looker_of(served.home.hem, Standing(), "http://x/", Manager({}), tmp_path / "h.sqlite")
    (tmp_path / "h.sqlite").mkdir()
    for second in range(40):
        served.home.rig.run(served.now + 1.0)
        looker.look()
        looker._recorder.work()
        if second == 20:
            (tmp_path / "h.sqlite").rmdir()
    looker.look()
    looker._recorder.close()
    said = [event.what for event in served.home.hem.log if event.device == "history"]
    assert said[0].endswith("unable to open database file; the controller goes on")
    assert said[1] == "works again"
    assert re.fullmatch(r"\d+ series, \d+\.\d MB a year, \d+ MB at most", said[2])
    assert len(said) == 3

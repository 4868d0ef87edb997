"""MQTT with a real broker: mosquitto on this machine."""

import json
import queue
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from controller.service.mqtt import Broker, Mqtt
from controller.service.topics import Topics

BASE = "hem/haus_am_see"


class Mosquitto:
    """A broker that can be stopped and started again at the same port."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
        if program is None:
            pytest.fail("mosquitto is missing, MQTT was not tested: apt-get install mosquitto")
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        config = folder / "mosquitto.conf"
        config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n")
        self._command = [program, "-c", str(config)]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            with closing(socket.socket()) as probe:
                probe.settimeout(1.0)
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            try:
                self._process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            pytest.fail("mosquitto has ended")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


class Listener:
    """Somebody else at the broker."""

    def __init__(self, port: int) -> None:
        self._heard: queue.Queue[tuple[str, str]] = queue.Queue()
        self._passed: list[tuple[str, str]] = []  # what came while something else was waited for
        self.client = Client(CallbackAPIVersion.VERSION2)
        self.client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self.client.on_message = lambda client, data, message: self._heard.put(
            (message.topic, message.payload.decode())
        )
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def until(self, topic: str, payload: str = "") -> str:
        """The next message at a topic that has this in it. Those at several topics come in any order."""
        for place, (at, told) in enumerate(self._passed):
            if at == topic and payload in told:
                del self._passed[place]
                return told
        while True:
            at, told = self._heard.get(timeout=15)
            if at == topic and payload in told:
                return told
            self._passed.append((at, told))

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path)
    yield made
    made.stop()


def speaker(door, port: int, topics: Topics) -> Mqtt:
    house, there = door.house, Broker("127.0.0.1", port, False, "", "")
    return Mqtt(there, topics, house.exchange, house.recorder.audit, house.setting)


@pytest.fixture
def spoken(door, broker) -> Iterator[Mqtt]:
    topics = Topics("Haus am See", frozenset({"rod", "wallbox"}))
    made = Mqtt(
        Broker("127.0.0.1", broker.port, False, "", ""),
        topics,
        door.served.exchange,
        door.recorder.audit,
        door.house.setting,
    )
    yield made
    made.close()


@pytest.fixture
def listener(broker) -> Iterator[Listener]:
    with closing(Listener(broker.port)) as made:
        yield made


def test_a_house_tells_its_state_and_follows_an_allowed_wish(door, spoken, listener):
    listener.until(f"{BASE}/status", "online")
    door.served.run(30.0)
    spoken.work()
    assert json.loads(listener.until(f"{BASE}/roof/state"))["power"] > 500
    config = json.loads(listener.until("homeassistant/number/hem_haus_am_see_rod/set_power/config"))
    listener.client.publish(config["command_topic"], "1250", qos=1)
    assert json.loads(listener.until(f"{BASE}/rod/answer")) == {"asked": "set_power", "ok": True, "error": ""}
    assert door.served.run(5.0).devices["rod"].wanted["load"].value == 1250.0
    assert door.house.history.audits()[0]["what"] == "rod: set_power 1250.0"


def test_the_mode_of_a_charge_point_is_chosen_and_shown(door, spoken, listener):
    listener.until(f"{BASE}/status", "online")
    door.served.run(30.0)
    spoken.work()
    config = json.loads(listener.until("homeassistant/select/hem_haus_am_see_wallbox/mode/config"))
    for mode, ok in (("fast", True), ("furious", False)):
        listener.client.publish(config["command_topic"], mode, qos=1)
        assert json.loads(listener.until(f"{BASE}/wallbox/answer"))["ok"] is ok
    door.served.run(5.0)
    spoken.work()
    assert json.loads(listener.until(config["state_topic"], '"mode":"fast"'))["mode"] == "fast"
    assert [each["what"] for each in door.house.history.audits()] == ["wallbox: mode fast"]


def test_a_wish_of_a_device_that_is_not_allowed_or_was_kept_by_the_broker_is_not_followed(door, spoken, listener):
    listener.until(f"{BASE}/status", "online")
    door.served.run(30.0)
    listener.client.publish(f"{BASE}/battery/set/pause", "", qos=1)
    told = json.loads(listener.until(f"{BASE}/battery/answer"))
    assert (told["ok"], told["error"]) == (False, "battery may not be commanded over MQTT")
    assert door.served.home.hem.strategy.wishes == {}
    assert door.house.history.audits() == []


def test_behind_a_broker_that_was_away_everything_is_said_again(door, spoken, broker):
    first = Listener(broker.port)
    first.until(f"{BASE}/status", "online")
    door.served.run(30.0)
    spoken.work()
    first.until(f"{BASE}/roof/state")
    first.close()
    broker.stop()
    door.served.run(30.0)
    spoken.work()
    broker.start()
    with closing(Listener(broker.port)) as again:
        again.until(f"{BASE}/status", "online")
        door.served.run(5.0)
        spoken.work()
        again.until("homeassistant/sensor/hem_haus_am_see_roof/power/config")
        assert json.loads(again.until(f"{BASE}/roof/state"))["state"] == "online"


def test_the_last_will_says_that_the_house_is_gone(door, spoken, listener):
    listener.until(f"{BASE}/status", "online")
    spoken._client.socket().shutdown(socket.SHUT_RDWR)
    assert listener.until(f"{BASE}/status") == "offline"
    listener.until(f"{BASE}/status", "online")


def test_a_broker_that_is_not_there_holds_up_nobody(door):
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    alone = Mqtt(
        Broker("127.0.0.1", port, False, "", ""),
        Topics("x"),
        door.served.exchange,
        door.recorder.audit,
        door.house.setting,
    )
    door.served.run(10.0)
    alone.work()
    assert alone.problem
    alone.close()

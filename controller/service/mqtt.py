"""The house over MQTT: states out, wishes of allowed devices in. See `topics` for what stands where.

A broker that is away costs nothing: what is new replaces what waits, and everything is said again behind a new
connection. Wishes that the broker has kept (retained) are not followed: nobody has just asked for them.
"""

import json
import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from controller.errors import ConfigurationError, StoreError
from controller.hem import Hem
from controller.service.answered import SECONDS
from controller.service.audited import Audit, noted
from controller.service.by_hand import ask
from controller.service.exchange import Busy, Exchange
from controller.service.setting import Setting
from controller.service.snapshot import Snapshot
from controller.service.topics import LONGEST, Payloads, Topics
from controller.strategy.once import settings

QUEUED = 500  # messages that wait for the broker
ALIVE = 30  # s between two signs of life
LATEST = 60  # s between two attempts at a broker that is away
PASSWORD = "HEM_MQTT_PASSWORD"


@dataclass(frozen=True)
class Broker:
    """Where it is: mqtt://user@host:1883, with TLS mqtts://user@host:8883. The password comes from the environment."""

    host: str
    port: int
    secure: bool
    user: str
    password: str

    @classmethod
    def parse(cls, address: str, environment: Mapping[str, str] = os.environ) -> "Broker":
        """ConfigurationError when it is no address."""
        try:
            found = urlsplit(address)
            port = found.port or (8883 if found.scheme == "mqtts" else 1883)
        except ValueError as error:
            raise ConfigurationError(f"mqtt://user@host:port, not {address!r}: {error}", key="mqtt") from error
        if found.scheme not in ("mqtt", "mqtts") or not found.hostname or found.path not in ("", "/"):
            raise ConfigurationError(f"mqtt://user@host:port, not {address!r}", key="mqtt")
        if found.password is not None:
            raise ConfigurationError(f"no password here, it comes in {PASSWORD}", key="mqtt")
        return cls(found.hostname, port, found.scheme == "mqtts", found.username or "", environment.get(PASSWORD, ""))


class Mqtt:
    """One house at one broker. `work` is called about once a second; `problem`: why it is not connected."""

    def __init__(self, broker: Broker, topics: Topics, exchange: Exchange, audit: Audit, setting: Setting) -> None:
        self._topics, self._exchange, self._audit, self._setting = topics, exchange, audit, setting
        self.problem = "is not connected yet"
        self._said: Payloads = {}
        self._again = True
        self._number = 0
        client = Client(CallbackAPIVersion.VERSION2, f"hem-{topics.base.rpartition('/')[2]}", clean_session=False)
        client.max_queued_messages_set(QUEUED)
        client.reconnect_delay_set(1, LATEST)
        client.will_set(topics.status, "offline", qos=1, retain=True)
        if broker.user:
            client.username_pw_set(broker.user, broker.password or None)
        if broker.secure:
            client.tls_set_context(ssl.create_default_context())
        client.on_connect, client.on_disconnect, client.on_message = self._connected, self._lost, self._asked
        client.on_connect_fail = self._failed
        client.connect_async(broker.host, broker.port, ALIVE)
        client.loop_start()
        self._client = client

    def work(self) -> None:
        """Say what has changed."""
        snapshot = self._exchange.latest
        if snapshot is None or snapshot.number == self._number or not self._client.is_connected():
            return
        self._number = snapshot.number
        if self._again:
            self._again, self._said = False, {}
        if snapshot.settled:
            self._say(self._topics.discovery(snapshot), qos=1)
        self._say(self._topics.states(snapshot), qos=0)

    def close(self) -> None:
        """Say farewell."""
        if self._client.is_connected():
            self._client.publish(self._topics.status, "offline", qos=1, retain=True).wait_for_publish(2.0)
        self._client.disconnect()
        self._client.loop_stop()

    def _say(self, payloads: Payloads, qos: int) -> None:
        for topic, payload in payloads.items():
            if self._said.get(topic) != payload:
                self._said[topic] = payload
                self._client.publish(topic, payload, qos=qos, retain=True)

    def _connected(self, client: Client, data: Any, flags: Any, code: Any, more: Any) -> None:
        if code.is_failure:
            self.problem = f"the broker refuses: {code}"
            return
        self.problem, self._again = "", True
        client.publish(self._topics.status, "online", qos=1, retain=True)
        client.subscribe(self._topics.commands, qos=1)

    def _lost(self, client: Client, data: Any, flags: Any, code: Any, more: Any) -> None:
        self.problem = f"the connection is lost: {code}"

    def _failed(self, client: Client, data: Any) -> None:
        self.problem = "the broker cannot be reached"

    def _asked(self, client: Client, data: Any, message: MQTTMessage) -> None:
        """Somebody wishes something; whatever comes of it is answered, one after the other, and harms nobody."""
        snapshot = self._exchange.latest
        if message.retain or snapshot is None:
            return
        try:
            device, command, value = self._topics.heard(message.topic, message.payload, snapshot.devices)
            work = self._work(snapshot, device, command, value)
            with noted(self._audit, "mqtt", f"{device}: {command} {'' if value is None else value}".strip()):
                self._exchange.ask(work).result(SECONDS)
        except TimeoutError:
            self._answer(message.topic, "the controller has not answered")
        except (ValueError, ConfigurationError, Busy, StoreError) as error:
            self._answer(message.topic, str(error))
        else:
            self._answer(message.topic, "")

    def _work(self, snapshot: Snapshot, device: str, command: str, value: float | str | None) -> Callable[[Hem], Any]:
        """What the loop is asked to do; ValueError when the device has no such command."""
        if isinstance(value, str):
            if snapshot.devices[device].function != "charger" or snapshot.site is None:
                raise ValueError(f"{device} is no charge point")
            station = settings(snapshot.site, device).name
            return partial(self._setting.apply, {f"device.{station}.charging.mode": value}, "mqtt")
        if command not in snapshot.devices[device].can:
            raise ValueError(f"{device} cannot {command}")
        return partial(ask, device, command, value, None, "mqtt")

    def _answer(self, topic: str, error: str) -> None:
        told = {"asked": topic.rpartition("/")[2][:LONGEST], "ok": not error, "error": error}
        answer = self._topics.answer(topic.split("/")[2])
        self._client.publish(answer, json.dumps(told, ensure_ascii=False), qos=1)

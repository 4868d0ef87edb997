"""What is said and heard over MQTT: topics, payloads, and what Home Assistant has to know to show it by itself.

    hem/HOUSE/status                  online, or offline as the last will; retained
    hem/HOUSE/house                   JSON of what flows, W, and the price; retained
    hem/HOUSE/DEVICE/state            JSON of a device: reading, state, why; retained
    hem/HOUSE/DEVICE/set/COMMAND      a wish by hand, a number in W or A or nothing, of devices that are allowed
    hem/HOUSE/DEVICE/set/mode         how an allowed charge point charges from now on, one of `MODES`
    hem/HOUSE/DEVICE/answer           JSON of what came of it

HOUSE and DEVICE are the names in small letters, digits and underscores. Discovery messages follow
https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery (one message for each entity).
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, get_args

from controller.devices import unit_of
from controller.service import plain
from controller.service.snapshot import Device, Snapshot
from controller.settings import Charging
from controller.strategy.once import settings

Payloads = dict[str, str]
"""By topic."""

CLASSES = {"W": "power", "Wh": "energy", "V": "voltage", "A": "current", "Hz": "frequency", "°C": "temperature"}
OWN = {"soc": "battery", "capacity": "energy_storage"}
"""Device classes of Home Assistant, by unit and by quantity."""
VALUED = {"limit_power": ("W", 1.0), "charge": ("W", 1.0), "discharge": ("W", 1.0), "limit_current": ("A", 0.5),
          "set_power": ("W", 1.0)}  # fmt: skip
"""Commands with a value: unit and step."""
MODES: tuple[str, ...] = get_args(Charging.model_fields["mode"].annotation)
LONGEST = 32  # bytes of a command's payload
CAR = 80.0  # A, more than any charge point offers


def slug(name: str) -> str:
    """A name as a part of a topic."""
    for letter, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        name = name.lower().replace(letter, letters)
    return re.sub(r"[^a-z0-9]+", "_", name).strip("_") or "hem"


@dataclass(frozen=True)
class Topics:
    """Of one house. `allowed`: devices that may be commanded, by name."""

    house: str
    allowed: frozenset[str] = frozenset()

    @property
    def base(self) -> str:
        return f"hem/{slug(self.house)}"

    @property
    def status(self) -> str:
        return f"{self.base}/status"

    @property
    def commands(self) -> str:
        return f"{self.base}/+/set/+"

    def answer(self, device: str) -> str:
        return f"{self.base}/{slug(device)}/answer"

    def states(self, snapshot: Snapshot) -> Payloads:
        """What is now."""
        found = {f"{self.base}/house": _json(plain.house(snapshot))}
        for device in snapshot.devices.values():
            told = {"state": device.state, "why": plain.device(device)["why"], **plain.reading(device)}
            if device.function == "charger" and snapshot.site is not None:
                told["mode"] = settings(snapshot.site, device.name).charging.mode
            found[f"{self.base}/{slug(device.name)}/state"] = _json(told)
        return found

    def heard(self, topic: str, payload: bytes, devices: Iterable[str]) -> tuple[str, str, float | str | None]:
        """Device, command and value of a message; ValueError when that is nothing that may be asked."""
        parts = topic.removeprefix(self.base + "/").split("/")
        device = next((each for each in devices if slug(each) == parts[0]), None)
        if len(parts) != 3 or device is None:
            raise ValueError(f"no device at {topic}")
        if device not in self.allowed:
            raise ValueError(f"{device} may not be commanded over MQTT")
        command = parts[2]
        if command in ("pause", "release"):
            return device, command, None
        if command == "mode":
            if (mode := payload[:LONGEST].decode("utf-8", "replace")) not in MODES:
                raise ValueError(f"mode: one of {', '.join(MODES)}, not {mode!r}")
            return device, command, mode
        if command not in VALUED or len(payload) > LONGEST:
            raise ValueError(f"no command {command!r}, or no number")
        try:
            value = float(payload)
        except ValueError as error:
            raise ValueError(f"{command}: a number, not {payload[:LONGEST]!r}") from error
        if not isfinite(value) or value < 0:
            raise ValueError(f"{command}: a number of at least 0, not {value}")
        return device, command, value

    # Home Assistant

    def discovery(self, snapshot: Snapshot, prefix: str = "homeassistant") -> Payloads:
        """A message for each entity that Home Assistant can show."""
        found: Payloads = {}
        for quantity in ("grid", "generation", "battery", "consumption"):
            config = _measured("W") | {"name": quantity, "value_template": f"{{{{ value_json.{quantity} }}}}"}
            self._entity(found, prefix, "sensor", None, quantity, config, f"{self.base}/house")
        for device in snapshot.devices.values():
            state = f"{self.base}/{slug(device.name)}/state"
            why = {"name": "why", "value_template": "{{ value_json.why[:255] }}", "icon": "mdi:help-circle-outline"}
            self._entity(found, prefix, "sensor", device, "why", why, state)
            for quantity, value in plain.reading(device).items():
                template = f"{{{{ value_json.{quantity} }}}}"
                if isinstance(value, bool):
                    config = {"payload_on": "True", "payload_off": "False", "value_template": template}
                    self._entity(found, prefix, "binary_sensor", device, quantity, config | {"name": quantity}, state)
                elif isinstance(value, int | float):
                    config = _measured(unit_of(quantity), quantity)
                    config |= {"name": quantity, "value_template": template}
                    self._entity(found, prefix, "sensor", device, quantity, config, state)
            if device.name in self.allowed:
                self._commanded(found, prefix, device)
        return found

    def _commanded(self, found: Payloads, prefix: str, device: Device) -> None:
        base = f"{self.base}/{slug(device.name)}"
        config: dict[str, Any]
        if device.function == "charger":
            config = {"name": "mode", "options": MODES, "value_template": "{{ value_json.mode }}"}
            config["command_topic"] = f"{base}/set/mode"
            self._entity(found, prefix, "select", device, "mode", config, f"{base}/state")
        for command in sorted(device.can):
            config = {"name": command.replace("_", " "), "command_topic": f"{base}/set/{command}"}
            if command in VALUED:
                unit, step = VALUED[command]
                most = CAR if unit == "A" else device.rating or 30_000.0
                config |= {"min": 0, "max": most, "step": step, "unit_of_measurement": unit, "mode": "box"}
                config["device_class"] = CLASSES[unit]
                self._entity(found, prefix, "number", device, command, config)
            else:
                self._entity(found, prefix, "button", device, command, config)

    def _entity(
        self, found: Payloads, prefix: str, component: str, device: Device | None, name: str, config: dict[str, Any],
        state: str = "",
    ) -> None:  # fmt: skip
        node = f"hem_{slug(self.house)}" + (f"_{slug(device.name)}" if device else "")
        about: dict[str, Any] = {"identifiers": [node], "name": device.name if device else self.house}
        if device is not None:
            told = {"manufacturer": device.maker, "model": device.model, "serial_number": device.serial}
            told |= {"sw_version": device.firmware, "via_device": f"hem_{slug(self.house)}"}
            about |= {key: value for key, value in told.items() if value}
        identity = f"{node}_{slug(name)}"
        config = {**config, "unique_id": identity, "default_entity_id": f"{component}.{identity}", "device": about}
        config |= {"availability_topic": self.status, "origin": {"name": "hemtwin"}}
        if state:
            config["state_topic"] = state
        found[f"{prefix}/{component}/{node}/{slug(name)}/config"] = _json(config)


def _measured(unit: str, quantity: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"unit_of_measurement": unit} if unit else {}
    if kind := OWN.get(quantity) or CLASSES.get(unit, ""):
        found["device_class"] = kind
    return found | {"state_class": "total_increasing" if unit == "Wh" and quantity != "capacity" else "measurement"}


def _json(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))

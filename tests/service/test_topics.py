"""What is said and heard over MQTT."""

import json

import pytest

from controller.errors import ConfigurationError
from controller.service.mqtt import Broker
from controller.service.topics import Topics, slug

# Facts of home-assistant/core, homeassistant/components: mqtt/{schemas,sensor,binary_sensor,number,select,button}.py
# for keys (2026: `default_entity_id` instead of `object_id`), sensor/const.py for units and state classes.
COMMON = {
    "availability_topic", "device", "origin", "icon", "default_entity_id", "unique_id", "name", "qos", "encoding",
    "enabled_by_default", "entity_category", "entity_picture", "json_attributes_topic", "json_attributes_template",
}  # fmt: skip
KEYS = {  # what has to be there, what can be there besides
    "sensor": ({"state_topic"}, {"device_class", "unit_of_measurement", "state_class", "value_template"}),
    "binary_sensor": ({"state_topic"}, {"device_class", "payload_on", "payload_off", "value_template", "expire_after"}),
    "number": ({"command_topic"}, {"min", "max", "step", "mode", "unit_of_measurement", "device_class", "state_topic"}),
    "select": ({"command_topic", "options"}, {"state_topic", "value_template", "command_template", "optimistic"}),
    "button": ({"command_topic"}, {"payload_press", "command_template", "device_class", "retain"}),
}  # fmt: skip
DEVICE = {
    "identifiers", "connections", "manufacturer", "model", "model_id", "name", "hw_version", "serial_number",
    "sw_version", "via_device", "suggested_area", "configuration_url",
}  # fmt: skip
ORIGIN = {"name", "sw_version", "support_url"}
COUNTED = {"total", "total_increasing"}
CLASSES = {  # units and state classes of a device class
    "power": ({"W", "kW"}, {"measurement"}), "energy": ({"Wh", "kWh"}, COUNTED), "current": ({"A"}, {"measurement"}),
    "voltage": ({"V"}, {"measurement"}), "frequency": ({"Hz"}, {"measurement"}), "battery": ({"%"}, {"measurement"}),
    "temperature": ({"°C"}, {"measurement"}), "energy_storage": ({"Wh"}, {"measurement"}),
}  # fmt: skip


def wrong(component, config):
    """What Home Assistant would not take of a discovery message, or would complain about."""
    needed, more = KEYS[component]
    found = sorted(needed - set(config)) + sorted(set(config) - COMMON - needed - more)
    found += sorted(set(config["device"]) - DEVICE) + sorted(
        set(config["origin"]) - {"name", "sw_version", "support_url"}
    )
    if not config["device"].get("identifiers"):
        found.append("identifiers")
    if "device_class" in config:
        units, states = CLASSES[config["device_class"]]
        if config["unit_of_measurement"] not in units or config.get("state_class", "measurement") not in states | (
            {"measurement"} if component == "number" else set()
        ):
            found.append(config["device_class"])
    if component == "number" and not config["min"] < config["max"]:
        found.append("min")
    if config["default_entity_id"].partition(".")[0] != component:
        found.append("default_entity_id")
    return found


TOPICS = Topics("Haus am Süd-See", frozenset({"rod", "wallbox"}))


def test_states_are_plain_json_by_device(served):
    told = TOPICS.states(served.run(30.0))
    assert [*told][:2] == ["hem/haus_am_sued_see/house", "hem/haus_am_sued_see/roof/state"]
    roof = json.loads(told["hem/haus_am_sued_see/roof/state"])
    assert (roof["state"], roof["power"] > 500) == ("online", True)
    assert json.loads(told["hem/haus_am_sued_see/house"])["generation"] > 500


def test_home_assistant_gets_an_entity_for_each_quantity_and_commands_of_allowed_devices_only(served):
    told = {topic: json.loads(text) for topic, text in TOPICS.discovery(served.run(30.0)).items()}
    power = told["homeassistant/sensor/hem_haus_am_sued_see_roof/power/config"]
    assert (power["unit_of_measurement"], power["device_class"], power["state_class"]) == ("W", "power", "measurement")
    assert power["state_topic"] == "hem/haus_am_sued_see/roof/state"
    assert power["value_template"] == "{{ value_json.power }}"
    assert power["device"]["manufacturer"] == "SMA"
    energy = told["homeassistant/sensor/hem_haus_am_sued_see_grid/import_energy/config"]
    assert (energy["device_class"], energy["state_class"]) == ("energy", "total_increasing")
    assert told["homeassistant/sensor/hem_haus_am_sued_see_battery/soc/config"]["device_class"] == "battery"
    commanded = sorted(topic for topic, config in told.items() if "command_topic" in config)
    assert [topic.removeprefix("homeassistant/").removesuffix("/config") for topic in commanded] == [
        "button/hem_haus_am_sued_see_rod/release", "button/hem_haus_am_sued_see_wallbox/pause",
        "button/hem_haus_am_sued_see_wallbox/release", "number/hem_haus_am_sued_see_rod/set_power",
        "number/hem_haus_am_sued_see_wallbox/limit_current", "select/hem_haus_am_sued_see_wallbox/mode",
    ]  # fmt: skip
    assert told["homeassistant/select/hem_haus_am_sued_see_wallbox/mode/config"]["options"] == [
        "surplus", "fast", "cheap", "off", "none"
    ]  # fmt: skip
    identities = [config["unique_id"] for config in told.values()]
    assert len(identities) == len(set(identities)) > 30
    for topic, config in told.items():
        component, node, name, end = topic.removeprefix("homeassistant/").split("/")
        assert end == "config"
        assert wrong(component, config) == [], topic
        assert slug(node) + slug(name) == node + name
        assert config["availability_topic"] == "hem/haus_am_sued_see/status"


@pytest.mark.parametrize(
    ("topic", "payload", "told"),
    [
        ("rod/set/set_power", b"1500.5", ("rod", "set_power", 1500.5)),
        ("rod/set/release", b"PRESS", ("rod", "release", None)),
        ("wallbox/set/mode", b"cheap", ("wallbox", "mode", "cheap")),
        ("wallbox/set/mode", b"\xff" * 40, "mode: one of surplus, fast"),
        ("rod/set/set_power", b"nan", "a number of at least 0, not nan"),
        ("rod/set/set_power", b"-3", "a number of at least 0, not -3.0"),
        ("rod/set/set_power", b"an", "a number, not b'an'"),
        ("rod/set/set_power", b"1" * 40, "or no number"),
        ("rod/set/explode", b"1", "no command 'explode'"),
        ("roof/set/limit_power", b"0", "roof may not be commanded over MQTT"),
        ("rad/set/set_power", b"1", "no device at"),
    ],
)
def test_what_is_heard_is_a_command_of_an_allowed_device_or_refused(topic, payload, told):
    asked = f"hem/haus_am_sued_see/{topic}", payload, ("roof", "rod", "wallbox")
    if isinstance(told, str):
        with pytest.raises(ValueError, match=told):
            TOPICS.heard(*asked)
    else:
        assert TOPICS.heard(*asked) == told


def test_the_address_of_a_broker_has_no_password_in_it():
    told = {"HEM_MQTT_PASSWORD": "geheim"}
    assert Broker.parse("mqtts://hem@broker.lan", told) == Broker("broker.lan", 8883, True, "hem", "geheim")
    assert Broker.parse("mqtt://127.0.0.1:1884", {}) == Broker("127.0.0.1", 1884, False, "", "")
    for wrong in ("http://x", "mqtt://", "mqtt://a:b@c", "mqtt://c:99999", "broker"):
        with pytest.raises(ConfigurationError, match=r"^mqtt: "):
            Broker.parse(wrong, {})

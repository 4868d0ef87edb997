"""What is said and heard over MQTT."""

import json

import pytest

from controller.errors import ConfigurationError
from controller.service.mqtt import Broker
from controller.service.topics import Topics, slug

TOPICS = Topics("Haus am Süd-See", frozenset({"rod"}))


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
    assert commanded == [
        "homeassistant/button/hem_haus_am_sued_see_rod/release/config",
        "homeassistant/number/hem_haus_am_sued_see_rod/set_power/config",
    ]
    identities = [config["unique_id"] for config in told.values()]
    assert len(identities) == len(set(identities)) > 30
    for topic, config in told.items():
        component, node, name, end = topic.removeprefix("homeassistant/").split("/")
        assert (component in ("sensor", "binary_sensor", "number", "button"), end) == (True, "config")
        assert slug(node) + slug(name) == node + name
        assert config["availability_topic"] == "hem/haus_am_sued_see/status"


@pytest.mark.parametrize(
    ("topic", "payload", "told"),
    [
        ("rod/set/set_power", b"1500.5", ("rod", "set_power", 1500.5)),
        ("rod/set/release", b"PRESS", ("rod", "release", None)),
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
    asked = f"hem/haus_am_sued_see/{topic}", payload, ("roof", "rod")
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

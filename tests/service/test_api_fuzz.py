"""Whatever the API is asked by its own description, it never fails: no answer of 500 and above but `not just now`."""

import json
from random import Random
from typing import Any
from urllib.parse import quote

import pytest

ODD: list[Any] = [
    None, True, 0, -1, 1 << 63, 1 << 200, -0.5, 1e308, 7e-320, "", " ", "\x00", "ä" * 300, "../..", "%2e%2e", "NaN",
    [], {}, [[]], {"a": {"b": [None]}}, "2025-02-30", "9999-12-31", "0001-01-01", "'; DROP TABLE event; --",
]  # fmt: skip


def drawn(schema: dict[str, Any], parts: dict[str, Any], luck: Random) -> Any:
    """A value of a schema, or now and then something that is none."""
    if luck.random() < 0.25:
        return luck.choice(ODD)
    if "$ref" in schema:
        return drawn(parts[schema["$ref"].rpartition("/")[2]], parts, luck)
    if "anyOf" in schema:
        return drawn(luck.choice(schema["anyOf"]), parts, luck)
    if "enum" in schema:
        return luck.choice(schema["enum"])
    match schema.get("type"):
        case "object":
            found = {key: drawn(each, parts, luck) for key, each in schema.get("properties", {}).items()}
            if isinstance(more := schema.get("additionalProperties"), dict):
                paths = ["device.wallbox.charging.mode", "grid.export_power", "device.rod.heating.maximum_power", "x"]
                found |= {luck.choice(paths): drawn(more, parts, luck) for _ in range(luck.randrange(3))}
            return found
        case "array":
            return [drawn(schema.get("items", {}), parts, luck) for _ in range(luck.randrange(4))]
        case "integer":
            return luck.choice([0, 1, 7, 60, 900, 86_400, schema.get("maximum", 5), schema.get("minimum", 5)])
        case "number":
            return luck.choice([0.0, 0.5, 1_750_000_000.0, 2e9, schema.get("maximum", 3.5)])
        case "boolean":
            return luck.random() < 0.5
        case "null":
            return None
        case _:
            return luck.choice(["roof", "rod", "wallbox", "power", "fast", "2025-06-15", "anna", "ein langes Wort"])


@pytest.mark.parametrize("seed", range(4))
def test_no_request_makes_the_server_fail(door, seed):
    luck = Random(seed)
    door.served.run(70.0)
    door.recorder.work()
    described = door.program("read").get("/api/v1/openapi.json").json()
    parts = described["components"]["schemas"]
    client = door.program("install")
    asked: dict[int, int] = {}
    for _ in range(12):
        for path, methods in described["paths"].items():
            if path.endswith("/live"):
                continue
            for method, operation in methods.items():
                where, query = path, {}
                for each in operation.get("parameters", ()):
                    value = drawn(each["schema"], parts, luck)
                    if each["in"] == "path":
                        where = where.replace(f"{{{each['name']}}}", quote(str(value), safe="") or "x")
                    elif value is not None:
                        query[each["name"]] = value if isinstance(value, str | int | float) else json.dumps(value)
                body = operation.get("requestBody", {}).get("content", {}).get("application/json")
                more = {"json": drawn(body["schema"], parts, luck)} if body else {}
                answer = client.ask(method.upper(), where, params=query, **more)
                asked[answer.status_code] = asked.get(answer.status_code, 0) + 1
                assert answer.status_code < 500, (method, where, query, more, answer.text)
    assert asked.get(200, 0) > 50
    assert asked.get(422, 0) > 50
    door.served.run(5.0)
    assert {each.state for each in door.served.home.hem.members.values()} == {"online"}

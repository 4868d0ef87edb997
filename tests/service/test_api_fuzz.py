"""Whatever the API is asked by its own description, it never fails and keeps its door: schemathesis asks, seeded."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

V1 = "/api/v1"
LEFT = (f"GET {V1}/live", f"POST {V1}/find")  # an answer that never ends, and a search of the network
OPEN = {f"GET {V1}/me", f"POST {V1}/login", f"POST {V1}/setup"}
KNOWN = {
    "name": ["roof", "rod", "wallbox", "anna"], "device": ["roof", "rod", ""], "quantity": ["power", "grid"],
    "changes": ["device.wallbox.charging.mode", "grid.export_power", "device.rod.heating.maximum_power"],
}  # fmt: skip
"""What a stranger to the house would not hit upon; asked for besides what the description says."""


HOW: dict[str, Any] = {
    "database": None, "deadline": None, "phases": [Phase.generate], "suppress_health_check": [*HealthCheck],
}  # fmt: skip


def operations(door: Any) -> Iterator[Any]:
    described = door.program("read").get(f"{V1}/openapi.json").json()
    for methods in described["paths"].values():
        for operation in methods.values():
            for each in operation.get("parameters", ()):
                if each["name"] in KNOWN:
                    each["schema"] = {"anyOf": [{"enum": KNOWN[each["name"]]}, each["schema"]]}
    described["components"]["schemas"]["Draft"]["properties"]["changes"]["propertyNames"] = {"enum": KNOWN["changes"]}
    for found in schemathesis.openapi.from_dict(described).get_all_operations():
        yield found.ok()


def asked(client: Any, operation: Any, mode: GenerationMode, examples: int = 3) -> Counter[int]:
    """Statuses of some calls of an operation, the same ones in every run."""
    found: Counter[int] = Counter()

    @seed(13)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        told = case.as_transport_kwargs(base_url="http://hem.local")
        headers = {key: value for key, value in told["headers"].items() if key.lower() == "content-type"}
        more = {key: told[key] for key in ("json", "params") if key in told}
        if "data" in told:
            more["content"] = told["data"]
        answer = client.ask(told["method"], told["url"], headers=headers, **more)
        assert answer.status_code < 500, (told, answer.text)
        found[answer.status_code] += 1

    try:
        ask()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, operation.label  # there is nothing that can be asked wrongly
    return found


@pytest.mark.parametrize(("role", "examples"), [("read", 2), ("operate", 2), ("install", 4)])
def test_no_call_makes_the_server_fail(door, role, examples):
    door.served.run(70.0)
    door.recorder.work()
    statuses: Counter[int] = Counter()
    for number, operation in enumerate(operations(door)):
        client = door.client(door.access.new_token(f"{role}{number}", role))
        if operation.label not in LEFT:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                statuses += asked(client, operation, mode, examples)
    assert statuses[200] >= 10
    assert statuses[422] >= 10
    assert statuses[401] == 0
    door.served.run(5.0)
    assert {each.state for each in door.served.home.hem.members.values()} == {"online"}


def test_a_stranger_is_answered_nothing_however_he_asks(door):
    door.served.run(5.0)
    door.recorder.work()
    for operation in operations(door):
        if operation.label not in OPEN:
            assert {*asked(door.client(), operation, GenerationMode.POSITIVE)} == {401}, operation.label

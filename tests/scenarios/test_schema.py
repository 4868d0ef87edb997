"""results.json is what its schema says, and the schema notices what is wrong."""

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import reports
from controller.compatibility.levels import LEVELS
from controller.compatibility.rows import PROTOCOLS
from controller.drivers import serving
from emulators.family.profile import EVIDENCE
from scenarios.campaign import conduct
from scenarios.campaign.results import SCHEMA
from scenarios.campaign.selection import select

FILE = Path(__file__).parents[2] / "scenarios" / "campaign" / "results.schema.json"
VALIDATOR = Draft202012Validator(json.loads(FILE.read_text("utf-8")))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """A small campaign with a pass, a refusal and a row that is not built, as it stands on disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(serving.claims(), (1, "modbus-tcp"), ())
        data = conduct.run(select(numbers="1,54,112", story="identify,read,follow"))
    folder = tmp_path_factory.mktemp("report")
    reports.save(data, folder / "results.json")
    return json.loads((folder / "results.json").read_text("utf-8"))


def complaints(data: dict) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in VALIDATOR.iter_errors(data)]


def test_the_schema_is_one():
    Draft202012Validator.check_schema(VALIDATOR.schema)
    assert VALIDATOR.schema["properties"]["schema"]["const"] == SCHEMA


def test_a_real_campaign_is_valid(results):
    assert complaints(results) == []
    assert {"pass", "refused", "not built"} <= {each["verdict"] for each in results["results"]}


def test_every_result_leads_to_its_case_and_its_story(results):
    stories = {each["id"] for each in results["stories"]}
    for each in results["results"]:
        if each["verdict"] != "not built":
            assert results["cases"][each["case"]]["case"]["row"] == each["row"]
            assert each["scenario"] in stories


def test_further_keys_are_free(results):
    data = {**results, "weather": "sunny", "results": [{**each, "colour": 7} for each in results["results"]]}
    assert complaints(data) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("verdict", "passed"), ("evidence", "hearsay"), ("level", "3.0"), ("protocol", "Modbus/TCP"), ("row", 149),
        ("case", ""),
    ],
)  # fmt: skip
def test_a_wrong_value_is_noticed(results, key, value):
    data = copy.deepcopy(results)
    data["results"][-1][key] = value
    assert any(f"results[{len(data['results']) - 1}]" in complaint for complaint in complaints(data))


def test_a_missing_key_is_noticed(results):
    assert complaints({name: value for name, value in results.items() if name != "run"}) == [
        "$: 'run' is a required property"
    ]


def test_the_words_of_the_schema_are_those_of_the_code():
    words = VALIDATOR.schema["$defs"]
    assert set(words["protocol"]["enum"]) == set(PROTOCOLS.values())
    assert set(words["evidence"]["enum"]) == {*EVIDENCE, "none"}
    assert all(VALIDATOR.evolve(schema=words["level"]).is_valid(str(level)) for level in LEVELS)

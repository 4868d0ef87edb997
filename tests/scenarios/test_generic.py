"""The stranger: it reads and writes by the family file's words, and a table or a codec that says otherwise is red."""

from dataclasses import replace
from typing import Any

import pytest

from emulators.family.profile import Profile, profile_for
from scenarios.bench import decoding
from scenarios.bench.bench import Bench
from scenarios.bench.ways import ways
from scenarios.bench.words import Word, chains, lists, origins, words
from scenarios.campaign.cases import Case, Outcome, tell
from scenarios.stories.generic import first_of_family


def told(row: int, protocol: str, model: str, profile: Profile | None = None) -> Outcome:
    return tell(Case(row, protocol, model, "generic"), profile=profile)


@pytest.mark.parametrize(
    ("row", "protocol", "model"),
    [
        (112, "modbus-rtu", "SDM630"), (64, "modbus-tcp", "X3-Hybrid-5.0-D"), (68, "modbus-rtu", "Pro"),
        (7, "modbus-tcp", "SE XXXX"), (47, "tcp", "Power Storage AC"), (99, "sml", "Basiszähler"),
    ],
)  # fmt: skip
def test_every_word_of_a_family_says_what_is_true(row: int, protocol: str, model: str) -> None:
    outcome = told(row, protocol, model)
    assert (outcome.verdict, outcome.detail) == ("pass", f"{len(outcome.plain['checks'])} checks")
    assert outcome.plain["figures"]["words"] >= 5


def broken(row: int, protocol: str, name: str, change: Any) -> Profile:
    """A family with the first row of this name changed."""
    family = profile_for(row, protocol)
    assert family is not None
    data = dict(family.data)
    for path, rows in lists(data):
        if path[0] == "registers" and any(each[4] == name for each in rows):
            found = [change(each) if each[4] == name else each for each in rows]
            registers = {**data["registers"], path[1]: found}
            return replace(family, data={**data, "registers": registers})
    raise AssertionError(name)


def test_an_address_that_no_driver_reads_is_looked_at() -> None:
    profile = broken(112, "modbus-rtu", "Total system power factor", lambda row: [row[0] + 2, *row[1:]])
    outcome = told(112, "modbus-rtu", "SDM630", profile)
    assert outcome.verdict == "fail"
    assert "Total system power factor" in outcome.detail


def test_a_setting_that_arrives_ten_times_too_large_is_noticed() -> None:
    profile = broken(64, "modbus-tcp", "Battery awaken", lambda row: [*row[:2], 10 * row[2], *row[3:]])
    outcome = told(64, "modbus-tcp", "X3-Hybrid-5.0-D", profile)
    assert outcome.verdict == "fail"
    assert "Battery awaken arrives" in outcome.detail


def test_a_family_is_told_once_on_each_of_its_protocols() -> None:
    assert [row for row in (21, 22, 31) if first_of_family(row, "modbus-tcp")] == [21]
    assert first_of_family(69, "modbus-rtu") is False


def test_a_device_stands_there_in_as_many_ways_as_show_its_tables() -> None:
    found = ways("emulators/siemens/pac.toml", "modbus-tcp")
    assert [way.row for way in found] == [117, 118, 119]
    family = profile_for(117, "modbus-tcp")
    assert family is not None
    assert {word.origin for way in found for word in way.words} == origins(family.data)


def test_words_lay_a_sunspec_chain_themselves() -> None:
    family = profile_for(7, "modbus-tcp")
    assert family is not None and len(list(chains(family.data))) > 4
    facts = next(each for each in family.models if each.row == 7)
    found = {word.name: word for word in words(family.data, Bench(7, "modbus-tcp").facts, 1)}
    assert facts.phases == 1
    assert (found["101 W"].address, found["101 W"].factor, found["101 W_SF"].address) == (40083, 40084, 40084)


def test_the_decoder_reads_words_in_either_order() -> None:
    word = Word(1, "holding", 5, "S32", "low first", 0.1, "r", "Power", "power")
    assert decoding.said(word, bytes.fromhex("fffb ffff")) == -5
    assert decoding.coded(word, -70_003) == bytes.fromhex("ee8d fffe")
    assert decoding.said(replace(word, order="high first"), bytes.fromhex("0001 1173")) == 70_003

"""Campaigns: the same verdicts however they are run, and red where something was broken."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from controller.compatibility import gate
from controller.compatibility.levels import Level, Requirement
from controller.drivers import serving
from controller.errors import ConfigurationError
from emulators.family import profile as profiles
from scenarios.campaign import baseline, conduct, gates, versions
from scenarios.campaign.cases import Case, tell
from scenarios.campaign.dask_engine import run_dask
from scenarios.campaign.journal import Journal
from scenarios.campaign.results import failures
from scenarios.campaign.selection import chosen_rows, select
from scenarios.mutation.mutants import _with

METER = "112"


def verdicts(data: dict) -> str:
    return json.dumps({name: value for name, value in data.items() if name != "run"}, sort_keys=True)


def test_two_runs_give_the_same_results_apart_from_times():
    selection = select(numbers=METER)
    assert verdicts(conduct.run(selection)) == verdicts(conduct.run(selection, jobs=2))


def test_two_processes_give_the_same_results_whatever_their_hash_seed(tmp_path: Path):
    """Rows with remarks, alternatives and faults: no set out of order, no object's place in memory."""
    found = []
    for seed in ("1", "2"):
        command = [sys.executable, "-c", "import hem; hem.app()", "comply", "--rows", "19,61,143", "--faults"]
        subprocess.run(
            [*command, "--out", str(tmp_path / seed)],
            env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True,
        )  # fmt: skip
        found.append(verdicts(json.loads((tmp_path / seed / "results.json").read_text("utf-8"))))
    assert found[0] == found[1]


def test_shards_merge_into_the_whole():
    selection = select(numbers=METER)
    parts = [conduct.run(selection, shard=(i, 3)) for i in (1, 2, 3)]
    assert verdicts(conduct.merge(parts)) == verdicts(conduct.run(selection))


def test_a_missing_shard_is_named():
    selection = select(numbers=METER)
    with pytest.raises(ConfigurationError, match="are in no shard, the first is 112/modbus-rtu/SDM630"):
        conduct.merge([conduct.run(selection, shard=(1, 2))])


def test_a_killed_campaign_goes_on_where_it_stopped(tmp_path: Path):
    selection, journal = select(numbers=METER), tmp_path / "cases.jsonl"
    kept = Journal(journal)
    for case in selection.cases()[:5]:
        kept.note(tell(case))
    with journal.open("a") as file:
        file.write('{"code": "half a li')
    data = conduct.run(selection, journal=journal)
    assert data["run"]["resumed"] == 5
    assert verdicts(data) == verdicts(conduct.run(selection))
    assert sum(line.endswith("}") for line in journal.read_text("utf-8").splitlines()) == len(selection.cases())


def test_a_journal_of_other_code_is_not_believed(tmp_path: Path):
    selection, journal = select(numbers=METER), tmp_path / "cases.jsonl"
    outcome = tell(selection.cases()[0])
    kept = Journal(journal)
    kept._code = "of another day"
    kept.note(outcome)
    assert conduct.run(selection, journal=journal)["run"]["resumed"] == 0


@pytest.mark.filterwarnings("ignore")  # a dying worker warns in many ways
def test_a_dask_worker_that_dies_loses_and_doubles_nothing():
    cases = select(numbers=METER).cases()
    seen = []
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        with Client(cluster.scheduler_address, set_as_default=False) as client:
            victim = next(iter(client.run(os.getpid).values()))

        def done(outcome):
            if not seen:
                os.kill(victim, signal.SIGKILL)
            seen.append(outcome.case)

        outcomes = run_dask(cases, 2, cluster.scheduler_address, done)
    assert [outcome.case for outcome in outcomes] == cases
    assert sorted(seen) == sorted(cases)


def test_a_wrong_address_in_a_driver_turns_its_row_red(monkeypatch):
    driver = serving.driver_for(112, "modbus-rtu")
    broken = _with(driver, "power", replace(driver.power, address=driver.power.address + 2))
    monkeypatch.setitem(serving.claims(), (112, "modbus-rtu"), (broken,))
    red = failures(conduct.run(select(numbers=METER)))
    assert red
    assert {each["row"] for each in red} == {112}


def test_a_wrong_scale_in_an_emulator_turns_its_row_red(monkeypatch):
    family = profiles.profile_for(112, "modbus-rtu")
    rows = [
        [*row[:2], row[2] * 10, *row[3:]] if row[5] == "power" else row for row in family.data["registers"]["input"]
    ]
    registers = {**family.data["registers"], "input": rows}
    broken = replace(family, data={**family.data, "registers": registers})
    outcome = tell(Case(112, "modbus-rtu", "SDM630", "read"), profile=broken)
    assert outcome.verdict == "fail"
    assert "power" in outcome.detail


def test_a_gate_that_lets_a_row_through_too_early_turns_it_red(monkeypatch):
    monkeypatch.setattr(Requirement, "met_by", lambda self, level: True)
    red = failures(conduct.run(select(numbers="54", story="identify")))
    assert {each["level"] for each in red} == {"1.32.0", "2.0.0", "2.0.1"}


def test_a_refusal_names_the_level_that_the_list_asks_for():
    data = conduct.run(select(numbers="54", story="identify"))
    refused = [each for each in data["results"] if each["verdict"] == "refused"]
    assert {each["level"] for each in refused} == {"1.32.0", "2.0.0", "2.0.1"}
    assert all("2.0.2" in each["detail"] for each in refused)


def test_every_printed_requirement_has_its_first_level_in_the_oracle():
    from controller.compatibility.rows import rows

    assert {row.since.printed for row in rows()} <= set(gates.FIRST)
    assert gates.needed(next(row for row in rows() if row.row == 54)) == Level.parse("2.0.2")
    assert gate.admit(1, "modbus-tcp", Level.parse("1.32.0")) is None


def test_what_is_not_built_is_never_a_pass(monkeypatch):
    monkeypatch.setitem(serving.claims(), (112, "modbus-rtu"), ())
    data = conduct.run(select(numbers=METER))
    assert {each["verdict"] for each in data["results"]} == {"not built"}


def test_a_level_shows_what_it_adds():
    data = conduct.run(select(numbers="53,54", story="identify"))
    assert versions.added(data, "2.0.1", "2.0.2") == [
        "2.0.2 against 2.0.1:",
        "  row 54 modbus-rtu: refused -> pass",
        "  row 54 modbus-tcp: refused -> pass",
    ]


def test_an_expired_failure_blocks_and_a_known_one_does_not(tmp_path: Path):
    file = tmp_path / "known.toml"
    file.write_text('[[known]]\nrow = 53\nreason = "ticket 4711"\nexpires = 2026-12-01\n')
    failed = [{"row": 53, "protocol": "modbus-rtu", "scenario": "read", "level": "2.0.0", "verdict": "fail"}]
    known = baseline.load(file)
    assert not baseline.judge(failed, known, date(2026, 11, 30)).blocking
    assert "ticket 4711" in baseline.judge(failed, known, date(2026, 12, 2)).blocking[0][1]
    assert baseline.judge([], known, date(2026, 11, 30)).fixed == known


def test_a_broken_baseline_is_named_with_file_and_key(tmp_path: Path):
    file = tmp_path / "known.toml"
    file.write_text("[[known]]\nrow = 53\nexpires = 2026-12-01\n")
    with pytest.raises(ConfigurationError, match=r"known.toml: known\[0\].reason: is missing"):
        baseline.load(file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"known = 3", "known: expected a list, found 3"),
        (b"[[knwon]]\nrow = 53", "knwon: is no known key"),
        (b"reason = '\xff'", "is no TOML: 'utf-8' codec"),
    ],
)
def test_what_is_no_baseline_is_refused(tmp_path: Path, text: bytes, said: str):
    file = tmp_path / "known.toml"
    file.write_bytes(text)
    with pytest.raises(ConfigurationError) as caught:
        baseline.load(file)
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["0", "149", "5-3", "a", "1-"])
def test_an_impossible_row_is_named(text: str):
    with pytest.raises(ConfigurationError, match="rows"):
        chosen_rows(text)

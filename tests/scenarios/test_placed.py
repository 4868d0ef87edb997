"""Stories as they are told of a real device, which has no truth that could be asked: here of emulated ones."""

import pytest

from scenarios.bench.bench import Bench
from scenarios.bench.record import NotApplicable, Record
from scenarios.bench.subject import EmulatedSubject
from scenarios.campaign.every import PLACED
from scenarios.stories import placed

SAFE = {
    "identify": "reads", "stranger": "reads", "read": "reads", "counters": "reads", "follow": "commands",
    "release": "commands", "silence": "silence", "device/steady": "reads", "device/instrument": "reads",
    "device/broken-line": "faults",
}  # fmt: skip


def told(story: str, row: int, protocol: str, **faults: float) -> Record:
    """What a placed story says of this row's emulator; `faults` are on from the start."""
    bench = Bench(row, protocol)
    for name, seconds in faults.items():
        bench.device.begin(name.replace("_", "-"), **({"seconds": seconds} if seconds else {}))

    async def tell(bench: Bench) -> None:
        await getattr(placed, story)(EmulatedSubject(bench, wired=True))

    bench.tell(tell)
    return bench.record


def test_what_is_safe_on_a_real_device_is_said_by_the_story() -> None:
    assert {each.id: each.real for each in PLACED} == SAFE


@pytest.mark.parametrize(
    ("row", "protocol", "state"),
    [(18, "modbus-tcp", "released"), (75, "modbus-rtu", "fallback"), (30, "modbus-tcp", "keeps")],
)
def test_a_device_that_hears_nothing_does_what_its_driver_says(row: int, protocol: str, state: str) -> None:
    record = told("silence", row, protocol)
    assert record.verdict == "pass", record.detail
    assert f"({state})" in record.checks[-1].what


def test_a_device_that_remembers_what_it_should_forget_is_found() -> None:
    """Its watchdog does nothing: what was written stands for ever."""
    bench = Bench(75, "modbus-rtu")
    bench.driver_class = type(
        "Believing", (bench.driver_class,), {"when_silent": type(bench.driver.when_silent)("stops", 30.0)}
    )
    bench.driver = bench.newcomer()

    async def tell(bench: Bench) -> None:
        await placed.silence(EmulatedSubject(bench, wired=True))

    bench.tell(tell)
    assert bench.record.verdict == "fail"
    assert "silence after limit_current" in bench.record.detail


@pytest.mark.parametrize("story", ["identify", "read", "counters", "follow", "release"])
@pytest.mark.parametrize(("row", "protocol"), [(18, "modbus-tcp"), (65, "udp"), (48, "tcp")])
def test_a_sound_device_passes(story: str, row: int, protocol: str) -> None:
    try:
        record = told(story, row, protocol)
    except NotApplicable as no:
        assert story == "release"
        assert "does not tell its limits" in str(no)
        return
    assert record.verdict == "pass", record.detail
    assert record.checks


def test_commands_that_do_nothing_are_found() -> None:
    assert told("follow", 18, "modbus-tcp", write_ignored=0).verdict == "fail"

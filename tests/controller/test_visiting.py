"""A device that answers as another one: what is made of it, and when it is looked at again."""

from typing import Any

import pytest

from controller.compatibility.rows import pairs, row
from controller.run.visiting import DOUBTED, STRANGE
from scenarios.bench.around import House, alone
from scenarios.bench.bench import Bench


def told(seconds: float, begins: float, ends: float) -> list[tuple[str, float]]:
    """States of a heating rod that has no registers between two times, with when they came, by the second."""
    bench, seen = Bench(136, "modbus-tcp"), []

    async def story(bench: Bench) -> None:
        house: House = alone(bench, **bench.kind.left_alone)
        house.start()
        for second in range(int(seconds)):
            if second == begins:
                bench.device.begin("exception", code=2)
            if second == ends:
                bench.device.end("exception")
            await bench.sleep(1.0)
            member: Any = house.member
            if not seen or seen[-1][0] != member.state:
                seen.append((member.state, float(second)))
        await house.stop(5.0)

    bench.tell(story)
    return seen


def test_one_that_was_the_right_one_before_is_looked_at_again_soon():
    (_, rejected), (state, back) = told(120.0, begins=10.0, ends=70.0)[-2:]
    assert (state, rejected < 40.0) == ("online", True)
    assert 70.0 <= back <= 70.0 + DOUBTED + 2.0


def test_one_that_never_was_is_looked_at_now_and_then():
    (first, since), (state, back) = told(120.0, begins=0.0, ends=5.0)
    assert (first, since, state) == ("rejected", 0.0, "online")
    assert STRANGE - 2.0 <= back <= STRANGE + 2.0


CALLING, SELDOM = {"direct-marketing"}, {"dynamic-tariff"}  # asks us; is asked again after minutes
ASKED = [
    (number, protocol) for number, protocol in pairs()
    if protocol in ("modbus-tcp", "modbus-rtu", "http") and row(number).section not in CALLING | SELDOM
]  # fmt: skip


@pytest.mark.parametrize(("number", "protocol"), ASKED)
def test_one_that_says_of_everything_that_it_has_failed_is_not_called_another_one(number: int, protocol: str):
    bench = Bench(number, protocol)

    async def story(bench: Bench) -> None:
        house: House = alone(bench, **bench.kind.left_alone)
        house.start()
        bench.device.begin("exception")
        await bench.sleep(15.0)
        member: Any = house.member
        assert (member.state, member.identity) == ("offline", None), member.error
        bench.device.end("exception")
        await bench.sleep(15.0)
        assert member.state == "online", member.error
        await house.stop(5.0)

    bench.tell(story)

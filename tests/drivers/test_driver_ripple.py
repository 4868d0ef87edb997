"""The ripple-control receiver's driver: what counts is what has stood still."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from controller.drivers.ripple import RippleControlReceiver
from controller.errors import WrongDevice
from rigs.simulated import SimClock, environment, run

NONE, K1, K2, BOTH = (False,) * 4, (True, False, False, False), (False, True, False, False), (True, True, False, False)
Inputs = tuple[bool | None, ...]


class Relays:
    """Contacts that change at given seconds."""

    problem = "k2: no such input"

    def __init__(self, clock: SimClock, plan: dict[float, Inputs]) -> None:
        self.clock, self.plan, self.begin, self.looks = clock, plan, clock.now(), 0

    async def read(self) -> Inputs:
        self.looks += 1
        return self.plan[max(at for at in self.plan if at <= self.passed + 1e-6)]

    async def changed(self, timeout: float) -> None:
        coming = [at - self.passed for at in self.plan if at > self.passed + 1e-6]
        await self.clock.sleep(min([timeout, *coming]))

    @property
    def passed(self) -> float:
        return self.clock.now() - self.begin


def receiver(plan: dict[float, Inputs]) -> tuple[Relays, Any, Callable[[Coroutine[Any, Any, Any]], Any]]:
    env = environment()
    relays = Relays(SimClock(env), plan)
    return relays, RippleControlReceiver(relays, relays.clock), lambda story: run(env, story)


def closed(reading: dict[str, bool | None]) -> list[bool | None]:
    return [reading[name] for name in ("k1", "k2", "k3", "k4")]


def test_a_combination_that_stands_is_told_at_one_look_each() -> None:
    relays, ripple, do = receiver({0: K2})
    assert closed(do(ripple.read())) == [False, True, False, False]
    before = relays.looks
    do(ripple.read())
    assert relays.looks == before + 1


@pytest.mark.parametrize("between", [NONE, BOTH])
def test_what_lies_between_two_commands_is_never_told(between: Inputs) -> None:
    relays, ripple, do = receiver({0: K1, 5.0: between, 5.4: K2})

    async def watch() -> list[list[bool | None]]:
        seen = []
        while relays.clock.now() - relays.begin < 9:
            seen.append(closed(await ripple.read()))
            await relays.clock.sleep(0.1)
        return seen

    told = do(watch())
    assert list(between) not in told
    assert (told[0], told[-1]) == (list(K1), list(K2))


def test_a_short_closing_is_bounce() -> None:
    _, ripple, do = receiver({0: NONE, 3.0: K1, 3.3: NONE})

    async def story() -> list[bool | None]:
        await ripple.read()
        await ripple.clock.sleep(2.45)
        return closed(await ripple.read())

    assert do(story()) == list(NONE)


def test_from_the_edge_to_a_combination_that_is_told_it_takes_no_more_than_six_tenths_of_a_second() -> None:
    relays, ripple, do = receiver({0: NONE, 7.32: K2})

    async def story() -> tuple[float, list[bool | None]]:
        await ripple.read()
        while closed(found := await ripple.read()) == list(NONE):
            await ripple.wait(1.0)
        return relays.passed, closed(found)

    at, told = do(story())
    assert told == list(K2)
    assert 7.82 - 1e-5 <= at <= 7.92 + 1e-5


def test_waiting_ends_when_nothing_moves_and_why_an_input_is_dead_is_known() -> None:
    relays, ripple, do = receiver({0: (True, None, False, False)})
    do(ripple.wait(1.25))
    assert relays.passed == pytest.approx(1.25)
    assert ripple.problem == "k2: no such input"


def test_chatter_leaves_the_last_settled_combination() -> None:
    chatter: dict[float, Inputs] = {2.0 + 0.3 * each: (K1, K2)[each % 2] for each in range(60)}
    _, ripple, do = receiver({0: NONE} | chatter)

    async def story() -> list[bool | None]:
        await ripple.read()
        await ripple.clock.sleep(1.0)
        return closed(await ripple.read())

    assert do(story()) == list(NONE)


def test_an_input_that_cannot_be_read_is_absent_at_once() -> None:
    relays, ripple, do = receiver({0: (True, None, False, False)})
    assert closed(do(ripple.read())) == [True, None, False, False]
    assert relays.looks == 1


def test_fewer_contacts_leave_the_rest_absent_and_none_at_all_is_refused() -> None:
    _, ripple, do = receiver({0: (True, False)})
    assert closed(do(ripple.read())) == [True, False, None, None]
    assert do(ripple.identify()).model == "Rundsteuerempfänger"
    _, ripple, do = receiver({0: ()})
    with pytest.raises(WrongDevice):
        do(ripple.identify())

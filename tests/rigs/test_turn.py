"""Turns on a line, one process at a time."""

import pytest
import simpy

from rigs.virtual import SimClock, Turn, environment


def visitor(clock, turn, stays, visits):
    async def visit():
        await turn.take()
        try:
            visits.append(clock.now())
            await clock.sleep(stays)
        finally:
            turn.leave()

    def mortal(coroutine):
        try:
            yield from coroutine.__await__()
        except simpy.Interrupt:
            coroutine.close()

    return mortal(visit())


@pytest.mark.parametrize("killed_at", [1.0, 5.0])
def test_a_turn_does_not_go_to_who_was_killed_while_waiting(killed_at):
    env = environment(0.0)
    clock, turn, visits = SimClock(env), Turn(env), []
    env.process(visitor(clock, turn, 5.0, visits))
    victim = env.process(visitor(clock, turn, 5.0, visits))
    env.process(visitor(clock, turn, 5.0, visits))
    env.timeout(killed_at).callbacks.append(lambda event: victim.interrupt("killed"))
    env.run()
    assert visits[0] == 0.0
    assert visits[-1] == 5.0
    assert len(visits) in (2, 3)

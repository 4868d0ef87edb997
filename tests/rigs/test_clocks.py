"""Clocks and naps: real ones, and virtual ones whose wall clock can be set."""

import asyncio
import time
from typing import Any

import pytest
import simpy

from rigs.physical import RealClock
from rigs.simulated import START, SimulatedRig
from rigs.virtual import SimClock, Wait, environment, run


def test_a_wall_clock_that_is_set_moves_no_duration() -> None:
    env = environment(START)
    clock = SimClock(env)

    async def story() -> list[tuple[float, float]]:
        seen = []
        for step in (0.0, -3600.0, 70_000.5):
            clock.step(step)
            await clock.sleep(10.0)
            seen.append((clock.now() - START, clock.monotonic() - START))
        return seen

    assert run(env, story()) == [(10.0, 10.0), (-3580.0, 20.0), (66_430.5, 30.0)]


def test_devices_and_their_timers_do_not_follow_the_controllers_wall_clock() -> None:
    rig = SimulatedRig()
    rig.emulate(143, "contacts", gap=2.0)
    device = rig.installations[0].main
    device.operator["signal"](30)
    rig.clock.step(-3600.0)
    rig.run(START + 1.9)
    device.wake()
    assert device.twin.k3 is False
    rig.run(START + 2.1)
    device.wake()
    assert (device.twin.k3, device.clock()) == (True, START + 2.1)


def test_a_virtual_nap_ends_when_it_is_woken_or_by_itself() -> None:
    env = environment(START)
    clock = SimClock(env)
    nap = clock.nap()

    async def waker() -> None:
        nap.wake()  # nobody sleeps yet
        await clock.sleep(3.25)
        nap.wake()
        nap.wake()

    async def story() -> list[float]:
        seen = []
        for seconds in (10.0, 4.0):
            begin = clock.monotonic()
            await nap.sleep(seconds)
            seen.append(clock.monotonic() - begin)
        return seen

    env.process(waker())  # type: ignore[arg-type]
    assert run(env, story()) == [3.25, 4.0]


def test_a_real_nap_ends_when_it_is_woken_or_by_itself_and_leaves_no_timer() -> None:
    async def story() -> list[float]:
        nap, seen = RealClock().nap(), []
        loop = asyncio.get_running_loop()
        nap.wake()  # nobody sleeps yet
        for seconds, wake in ((30.0, 0.05), (0.05, None), (0.0, None)):
            if wake is not None:
                loop.call_later(wake, nap.wake)
            begin = time.monotonic()
            await nap.sleep(seconds)
            seen.append(time.monotonic() - begin)
        nap.wake()
        assert not [each for each in loop._scheduled if not each.cancelled()]  # type: ignore[attr-defined]
        return seen

    woken, slept, none = asyncio.run(story())
    assert 0.04 < woken < 1.0
    assert 0.04 < slept < 1.0
    assert none < 0.05


def test_a_sleeper_that_is_cancelled_can_be_woken_without_harm() -> None:
    async def story() -> None:
        nap = RealClock().nap()
        sleeper = asyncio.ensure_future(_sleep(nap, 30.0))
        await asyncio.sleep(0)
        sleeper.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeper
        nap.wake()
        await nap.sleep(0.01)

    asyncio.run(story())


async def _sleep(nap, seconds: float) -> None:
    await nap.sleep(seconds)


def test_who_is_woken_and_killed_at_the_same_instant_is_dead_and_nobody_else_is_harmed() -> None:
    env, told = environment(), []
    nap = SimClock(env).nap()

    async def sleeper() -> None:
        try:
            await nap.sleep(10.0)
            told.append("woken")
        except simpy.Interrupt as killed:
            told.append(killed.cause)

    process = env.process(sleeper())  # type: ignore[arg-type]
    env.run(env.now + 1.5)
    nap.wake()
    process.interrupt("killed")
    env.run(env.now + 20.0)
    assert told == ["killed"]


def _events(env: Any) -> int:
    """How many events have been made so far."""
    return int(repr(env._eid).removeprefix("count(").removesuffix(")"))


def test_who_sleeps_while_nobody_else_wants_anything_costs_no_event() -> None:
    env = environment(START)
    clock = SimClock(env)

    async def story() -> tuple[int, float]:
        await clock.sleep(1.0)
        before = _events(env)
        for _ in range(100):
            await clock.sleep(0.5)
        return _events(env) - before, clock.monotonic() - START

    assert run(env, story()) == (0, 51.0)


def test_sleepers_take_turns_by_time_and_at_the_same_instant_in_the_order_of_falling_asleep() -> None:
    env, told = environment(START), []
    clock = SimClock(env)

    async def sleeper(name: str, *naps: float) -> None:
        for seconds in naps:
            await clock.sleep(seconds)
            told.append((name, clock.monotonic() - START))

    for name, naps in (("a", (1.0, 1.0, 3.0)), ("b", (2.0, 1.0, 0.5)), ("c", (0.0, 5.0))):
        env.process(sleeper(name, *naps))  # type: ignore[arg-type]
    env.run(START + 10.0)
    assert told == [
        ("c", 0.0), ("a", 1.0), ("b", 2.0), ("a", 2.0), ("b", 3.0), ("b", 3.5), ("c", 5.0), ("a", 5.0),
    ]  # fmt: skip


def test_a_sleep_does_not_go_past_the_end_of_a_run_nor_past_those_who_wake_with_the_sleeper() -> None:
    env, told = environment(START), []
    clock, gong = SimClock(env), env.event()

    async def waiter(name: str) -> None:
        await clock.sleep(0.5)
        await Wait(gong)
        told.append((name, clock.monotonic() - START))
        await clock.sleep(1.0)
        told.append((name, clock.monotonic() - START))

    async def striker() -> None:
        await clock.sleep(2.0)
        gong.succeed()

    for story in (waiter("a"), waiter("b"), striker()):
        env.process(story)  # type: ignore[arg-type]
    env.run(START + 2.5)
    assert (told, env.now - START) == ([("a", 2.0), ("b", 2.0)], 2.5)
    env.run(START + 3.5)
    assert told[2:] == [("a", 3.0), ("b", 3.0)]

"""A release is given again, since nobody can see whether it was followed, but never over what stands meanwhile."""

from scenarios.bench.around import alone
from scenarios.bench.bench import Bench
from scenarios.bench.commands import ready


def test_a_limit_is_not_undone_to_release_a_battery_once_more() -> None:
    bench = Bench(42, "modbus-tcp")
    powers: list[float] = []

    async def story(bench: Bench) -> None:
        ready(bench)
        bench.set(soc=100.0)
        house = alone(bench, **bench.kind.left_alone)
        house.sun(0.93 * bench.rating, house.name)
        house.start()
        await bench.sleep(30.0)
        house.plan.ask(house.name, "limit_power", 0.4 * bench.rating)
        house.hem.hurry()
        await bench.sleep(8.0)
        for _ in range(100):
            await bench.sleep(0.2)
            powers.append(float(bench.truth("power")))
        await house.stop()

    bench.tell(story)
    assert 0.39 * bench.rating <= min(powers) <= max(powers) <= 0.41 * bench.rating

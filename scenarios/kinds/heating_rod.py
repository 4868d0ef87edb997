"""Heating rods that follow a power."""

from scenarios.kinds.kind import Bench, Command, Impossible, Kind, Truth


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    return {
        "power": (1234.0, 2345.0)[turn],
        "water_temperature": (47.3, 58.6)[turn],
        "frequency": 50.1,
        "voltage_l1": (231.0, 228.0)[turn],
        "current_l1": (5.3, 10.2)[turn],
    }


def orders(bench: Bench) -> list[Command]:
    if not bench.asked("set_power"):
        return []
    return [_power(watts) for watts in (0.4113 * bench.rating, 0.7377 * bench.rating, 0.0)]


def _power(watts: float) -> Command:
    return Command(f"power {watts:.0f} W", "set_power", watts, lambda bench: watts)


def impossible(bench: Bench) -> list[Impossible]:
    if not bench.asked("set_power"):
        return []
    return [
        Impossible("power 5 x rating", "set_power", 5 * bench.rating),
        Impossible("power -500 W", "set_power", -500.0, 50.0),
    ]


def ready(bench: Bench) -> None:
    """Cold water."""
    bench.set(water_temperature=31.0)


async def states(bench: Bench) -> None:
    """The states of a rod come of its water, its command and its fuse."""

    async def told(quantity: str, word: str) -> None:
        await bench.sleep(bench.driver.reaction)
        found = (await bench.read()).get(quantity)
        bench.record.check(f"{quantity} when {word}", found == word, word, found)

    for word, water in (("heating", 31.0), ("hot", 75.0)):
        bench.set(water_temperature=water)
        await bench.driver.set_power(0.6 * bench.rating)
        await told("mode", word)
    await told("status", "standby")
    operator = bench.device.operator
    for trouble in ("break", "break_sensor"):
        if trouble in operator:
            operator[trouble]()
            await told("status", "fault")
            operator["repair"]()


KIND = Kind(
    "heating-rod", "heater", ("power", "water_temperature"), truth, ("set_power", "release"), orders, impossible, ready,
    tell_states=states,
    partner={"row": 136},
    left_alone={"heating": {"mode": "none"}},
    roles=frozenset({"heat"}),
)  # fmt: skip

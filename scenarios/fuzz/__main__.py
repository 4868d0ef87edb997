"""Fuzzes whole houses: `python -m scenarios.fuzz --ticks 1000000 --jobs 2`; `--seed N` tells all of one of them."""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor

from scenarios.bench.bench import Bench
from scenarios.fuzz.criteria import Verdict, Watch
from scenarios.fuzz.world import BEAT, happen, speak, world

LENGTH = 500  # ticks of one house
MEAN = 11.0  # s between two happenings


def told(seed: int, ticks: int = LENGTH, *, verbose: bool = False) -> Verdict:
    """One house for so many seconds."""
    it = world(seed)
    watch = Watch(it)

    async def story(bench: Bench) -> None:
        it.house.start()
        speak(it)
        following = it.now + it.random.expovariate(1 / MEAN)
        beat = it.now + BEAT
        for _ in range(ticks):
            await bench.sleep(1.0)
            for each in [each for each in it.due if each[0] <= it.now]:
                it.due.remove(each)
                each[1]()
            if it.now >= beat:
                speak(it)
                beat += BEAT
            while following <= it.now:
                happen(it)
                following += it.random.expovariate(1 / MEAN)
            watch.look()

    it.bench.tell(story)
    if verbose:
        print(*it.told, sep="\n")
        for event in (*it.said, *it.house.hem.log):
            print(f"{event.monotonic - it.bench.start:8.1f} {event.device}: {event.what}")
    return watch.done(seed)


def all_of(seeds: Iterable[int], jobs: int) -> Iterator[Verdict]:
    if jobs <= 1:
        yield from map(told, seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(told, seeds, chunksize=4)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m scenarios.fuzz", description=__doc__)
    parser.add_argument("--ticks", type=int, default=1_000_000, help="virtual seconds of houses, all together")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--seed", type=int, help="tell only this house, with all that happens")
    wanted = parser.parse_args(arguments)
    if wanted.seed is not None:
        verdict = told(wanted.seed, verbose=True)
        print(verdict)
        return 0 if verdict.held else 1
    begin = time.monotonic()
    seeds = range(wanted.first, wanted.first + -(-wanted.ticks // LENGTH))
    found = []
    for verdict in all_of(seeds, wanted.jobs):
        found.append(verdict)
        if not verdict.held:
            print(f"seed {verdict.seed}: {'; '.join(verdict.first)}", flush=True)
    print(
        f"{sum(each.ticks for each in found)} ticks of {len(found)} houses in {time.monotonic() - begin:.0f} s\n"
        f"{sum(each.outside for each in found)} setpoints outside the envelope\n"
        f"{sum(each.above for each in found):.0f} s above an operator's limit beyond the declared reaction\n"
        f"{sum(each.overdrawn for each in found):.0f} s of an overdrawn fuse beyond the declared reaction"
    )
    return 0 if all(each.held for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())

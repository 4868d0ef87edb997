"""A runner of a bench for the tests: gives three real devices one command after the other, a line for each, for ever.

`python working.py BENCH.toml watched|alone [SEED]`
"""

import random
import sys

from rigs.bench.benchfile import load
from rigs.bench.runner import Running, run


async def work(file: str, watched: bool, seed: int) -> None:
    chance = random.Random(seed)
    async with Running(load(file), watched=watched) as running:
        roof, wallbox, box = (running.place(name).driver() for name in ("roof", "wallbox", "box"))
        for device in (roof, wallbox, box):
            await device.identify()
        while True:
            await roof.limit_power(float(chance.randrange(0, 8200)))
            print("roof", flush=True)
            await wallbox.limit_current(chance.choice((6.0, 9.7, 12.3, 16.0)))
            print("wallbox", flush=True)
            await box.limit_current(float(chance.randrange(6, 20)))
            print("box", flush=True)
            if chance.random() < 0.3:
                await chance.choice((roof, wallbox, box)).release()


run(work(sys.argv[1], sys.argv[2] == "watched", int(sys.argv[3]) if len(sys.argv) > 3 else 1))

"""A runner of a bench for the tests: gives three real devices one command after the other, a line for each."""

import os
import random
import signal
import sys
import traceback

from controller.errors import HemError
from rigs.bench.benchfile import load
from rigs.bench.runner import Running, run


class Working:
    """It works in a process of its own, forked from here: it need not import anything. Use as `with`.

    `last`: what it and its dead man said until they ended, beyond the commands.
    """

    def __init__(self, file: str, *, watched: bool = True, seed: int = 1) -> None:
        heard, told = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            _alone(file, watched, seed, told)
        os.close(told)
        self._said, self.last = os.fdopen(heard, "r"), ""

    def __enter__(self) -> "Working":
        return self

    def __exit__(self, *_: object) -> None:
        self._said.close()

    def given(self, commands: int) -> int:
        """How many of so many commands it has given when they are given, or it has ended."""
        return sum(bool(self._said.readline()) for _ in range(commands))

    def killed(self, number: int = signal.SIGKILL) -> int:
        """Send a signal and wait, also for the last word of its dead man; the signal that has ended it, 0 for none."""
        os.kill(self.pid, number)
        _, status = os.waitpid(self.pid, 0)
        self.last = self._said.read()
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def _alone(file: str, watched: bool, seed: int, told: int) -> None:
    """In the forked process, which never comes back."""
    try:
        os.setsid()
        os.dup2(told, 1)
        os.dup2(told, 2)  # the dead man has it too: who reads to its end has waited for both
        os.closerange(3, told + 1)
        sys.stdout = os.fdopen(1, "w", buffering=1)
        run(_work(file, watched, seed))
    except HemError as error:  # a release that would let flow more than the envelope, an answer that was too late
        print(f"ended: {error}")
    except BaseException:
        sys.stdout.write(traceback.format_exc())
    finally:
        sys.stdout.flush()
        os._exit(0)


async def _work(file: str, watched: bool, seed: int) -> None:
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

"""The dead man: a small process that puts everything back when the runner of a bench is no more, or hangs.

`python -m rigs.bench.deadman BENCH.toml PATIENCE`, started by the runner, which sends a byte now and then over stdin. A
`q` is the end of a run that has put everything back itself. The end of stdin without it, or no byte for PATIENCE s, is
the death of the runner: a runner that hangs is killed first, so that two never write to one device.
"""

import asyncio
import contextlib
import os
import select
import signal
import sys
from pathlib import Path

from controller.errors import HemError
from rigs.bench.benchfile import load
from rigs.bench.journal import Journal
from rigs.bench.restoring import restore

BEAT, WELL = b".", b"q"
READY = b"+"
WAIT = 60.0  # s for whoever has the journal: the runner in its last breath, or the next one


def main(file: str, patience: float) -> int:
    """0 when the runner has ended well or everything is back, 1 when something could not be put back."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # meant for the runner, in the same terminal
        signal.signal(number, signal.SIG_IGN)
    bench, runner = load(file), os.getppid()
    with contextlib.suppress(BrokenPipeError):  # it is dead already
        os.write(1, READY)
    if watched(0, patience, runner):
        return 0
    try:
        if not bench.journal.exists():
            return 0
        journal = Journal(bench.journal, wait=WAIT)
        try:
            found = asyncio.run(restore(bench, journal))
        finally:
            journal.close()
    except HemError as error:
        print(f"dead man: {error}", file=sys.stderr)
        return 1
    for each in found:
        print(f"dead man: {each}", file=sys.stderr)
    return 1 if any(each.failed for each in found) else 0


def watched(stdin: int, patience: float, runner: int) -> bool:
    """Until the runner is done: whether it ended well. One that hangs is killed."""
    while True:
        ready, _, _ = select.select([stdin], [], [], patience)
        if not ready:
            if os.getppid() == runner:  # still our parent: nobody else has its number
                os.kill(runner, signal.SIGKILL)
            return False
        said = os.read(stdin, 4096)
        if WELL in said:
            return True
        if not said:
            return False


if __name__ == "__main__":
    sys.exit(main(str(Path(sys.argv[1])), float(sys.argv[2])))
